const stopWords = new Set(
  `a about after again all also always am an and another any are as at be because been before being below beside
  besides between both but by can cannot could did do does done down each either else ends etc even ever every few for
  from further gets give given gives go goes had has have having he her here hers him his how however i if in instead
  into is it it's its itself just keep kept least less let like made make makes many may me might more most much must my
  need needs neither never no nor not nothing now of off on once one only onto or other others our out over own per
  perhaps put rather same say says see shall she should since so some soon still such take takes than that the their
  them then there these they this those though three through to too two under until up upon us use used uses using very
  was way we well were what whatever when where whether which while who whom whose why will with within without would
  yes yet you your yours`.split(/\s+/),
)

/** Whether an English word, in lower case, says little by itself. */
export const isStopWord = (word: string): boolean => stopWords.has(word) || /^\d+$/.test(word)
