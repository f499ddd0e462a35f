import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const docs = fileURLToPath(new URL('../../docs/', import.meta.url))

export const alertsFile = `${docs}alerts.yml`

/** Every query of the dashboard, by the title of its panel, as Grafana would send it with all queues chosen. */
export function dashboardQueries(range = '1m'): [title: string, query: string][] {
  const { panels } = JSON.parse(readFileSync(`${docs}grafana/supaqueue.json`, 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[]
  }
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) =>
      [title, expr.replaceAll('$__rate_interval', range).replaceAll('$queue', '.*')] as [string, string]
    )
  )
}

/** Every metric that a text speaks of, without the endings of histograms. */
export const metricsIn = (text: string): string[] =>
  [...new Set(text.match(/\bsupaqueue_\w+/g) ?? [])].map((name) => name.replace(/_(bucket|count|sum)$/, ''))

export const alertsText = (): string => readFileSync(alertsFile, 'utf8')
