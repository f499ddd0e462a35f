import { go } from '../router.ts'

/** Leads to the job with an id. */
export function FindJob() {
  const find = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const id = new FormData(form).get('job')
    form.reset()
    go(`/jobs/${id}`)
  }
  return (
    <form class='find' role='search' onSubmit={find}>
      <label>
        <span class='hidden'>Job id</span>
        <input name='job' inputMode='numeric' pattern='[0-9]+' required placeholder='Job id' size={9} />
      </label>
      <button type='submit'>Go</button>
    </form>
  )
}
