import { isStopWord } from './stop_words.ts'
import { wordsOf } from './words.ts'

const longest = 3

/** Up to three phrases that a text seems to be about: what stands between stop words, rich in words that recur. */
export function keyPhrases(text: string): string[] {
  const phrases = candidates(text)
  const weights = weigh(phrases)
  const score = (phrase: string[]) => phrase.reduce((sum, word) => sum + (weights.get(word) ?? 0), 0)
  const ranked = phrases.toSorted((one, other) => score(other) - score(one)).map((phrase) => phrase.join(' '))
  return [...new Set(ranked)].slice(0, 3)
}

function candidates(text: string): string[][] {
  // What punctuation parts is no phrase.
  return text.toLowerCase().split(/[.,;:!?()[\]{}"“”…|/]+|\s[-–—]\s/u).flatMap((part) => {
    const phrases: string[][] = [[]]
    for (const word of wordsOf(part)) {
      if (isStopWord(word)) phrases.push([])
      else if (phrases.at(-1)!.length === longest) phrases.push([word])
      else phrases.at(-1)!.push(word)
    }
    return phrases.filter((phrase) => phrase.some((word) => word.length > 2))
  })
}

/** A word weighs as much as the words it stands with, on average, and more each time it comes back. */
function weigh(phrases: string[][]): Map<string, number> {
  const seen = new Map<string, { times: number; company: number }>()
  for (const phrase of phrases) {
    for (const word of phrase) {
      const { times, company } = seen.get(word) ?? { times: 0, company: 0 }
      seen.set(word, { times: times + 1, company: company + phrase.length })
    }
  }
  return new Map([...seen].map(([word, { times, company }]) => [word, company / times + (times - 1)]))
}
