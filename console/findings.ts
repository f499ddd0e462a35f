import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Finding } from './answers.ts'

/** What somebody should know, as far as it was read: the frame reads it for every page, once. */
export const FindingsContext = createContext<Finding[] | undefined>(undefined)

export const useFindings = (): Finding[] | undefined => useContext(FindingsContext)
