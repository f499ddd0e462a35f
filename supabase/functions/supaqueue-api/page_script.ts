/** What the page of the door does, in the browser: plain JavaScript, for nothing here is built. */
export const pageScript = String.raw`
'use strict'
const api = JSON.parse(document.getElementById('document').textContent)

const make = (name, attributes = {}, ...children) => {
  const element = Object.assign(document.createElement(name), attributes)
  element.append(...children)
  return element
}
const field = (text, input) => make('label', {}, text, input)
const resolve = (thing) =>
  thing && thing.$ref ? resolve(thing.$ref.slice(2).split('/').reduce((place, name) => place[name], api)) : thing

const example = (given) => {
  const schema = resolve(given) || {}
  if (schema.example !== undefined) return schema.example
  if (schema.enum) return schema.enum[0]
  const type = [].concat(schema.type || schema.anyOf && resolve(schema.anyOf[0]).type || 'object')[0]
  if (type === 'array') return [example(schema.items)]
  if (type === 'string') return schema.format === 'uuid' ? '00000000-0000-0000-0000-000000000000' : 'text'
  if (type === 'boolean') return false
  if (type === 'integer' || type === 'number') return Math.max(schema.minimum || 1, 1)
  const needed = schema.required || []
  const shown = Object.keys(schema.properties || {}).filter((name) => needed.includes(name) || ['payload', 'url'].includes(name))
  return Object.fromEntries(shown.map((name) => [name, example(schema.properties[name])]))
}

const here = location.href.match(/^https?:.*?\/supaqueue-api(?=\/|$)/)
const address = make('input', { value: here ? here[0] : '', placeholder: 'https://<ref>.supabase.co/functions/v1/supaqueue-api' })
const key = make('input', { type: 'password', autocomplete: 'off' })

const operation = (path, method, { operationId, summary, description, parameters = [], requestBody, responses }) => {
  const inputs = parameters.map((parameter) => ({ parameter, input: make('input', { required: parameter.required === true }) }))
  const content = requestBody && requestBody.content['application/json']
  const body = content && make('textarea', { value: JSON.stringify(example(content.schema), null, 2), spellcheck: false })
  const answer = make('pre', { hidden: true })
  answer.setAttribute('aria-live', 'polite')
  const given = (place) =>
    inputs.filter(({ parameter, input }) => parameter.in === place && input.value !== '')
      .map(({ parameter, input }) => [parameter.name, input.value])

  const send = async (event) => {
    event.preventDefault()
    const filled = given('path').reduce((text, [name, value]) => text.replace('{' + name + '}', encodeURIComponent(value)), path)
    const query = new URLSearchParams(given('query')).toString()
    const headers = Object.fromEntries(given('header'))
    if (key.value) headers.authorization = 'Bearer ' + key.value
    if (body) headers['content-type'] = 'application/json'
    answer.hidden = false
    answer.textContent = '…'
    try {
      const url = address.value.replace(/\/+$/, '') + filled + (query && '?' + query)
      const response = await fetch(url, { method: method.toUpperCase(), headers, body: body && body.value })
      const text = await response.text()
      // Numbers stay as they came: read as JSON they would be rounded.
      answer.textContent = method.toUpperCase() + ' ' + url + '\n' + response.status + ' ' +
        (response.headers.get('content-type') || '') + '\n\n' + text
    } catch (reason) {
      answer.textContent = 'No answer: ' + reason.message
    }
  }

  const codes = Object.entries(responses).map(([code, response]) => code + ' ' + resolve(response).description).join('\n')
  const form = make(
    'form', { onsubmit: send }, make('p', {}, description || ''),
    ...inputs.map(({ parameter, input }) =>
      field(parameter.name + ' (' + parameter.in + ')' + (parameter.required ? '' : ', optional'), input)),
    ...(body ? [field('body', body)] : []),
    make('button', {}, 'Send'), answer,
    make('details', {}, make('summary', {}, 'Answers'), make('pre', {}, codes)),
  )
  if (content) form.append(make('details', {}, make('summary', {}, 'Schema of the body'), make('pre', {}, JSON.stringify(resolve(content.schema), null, 2))))
  return make('details', { id: operationId }, make('summary', {}, make('code', {}, method.toUpperCase() + ' ' + path), ' ' + summary), form)
}

const main = document.querySelector('main')
main.append(
  make('h1', {}, api.info.title + ' ' + api.info.version),
  ...api.info.description.split('\n\n').map((text) => make('p', {}, text)),
  make('fieldset', {}, make('legend', {}, 'Where, and who'), field('Address of the door', address), field('Key (kept nowhere)', key)),
)
for (const tag of api.tags) {
  const mine = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, one]) => one.tags.includes(tag.name)).map(([method, one]) => operation(path, method, one)))
  main.append(make('h2', {}, tag.name), make('p', {}, tag.description || ''), ...mine)
}
if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute('open', '')
`
