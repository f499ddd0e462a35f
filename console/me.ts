import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Me } from './answers.ts'

export const MeContext = createContext<Me>({ database: '', readOnly: true })

/** Whether something may be changed here. */
export const useMayAct = (): boolean => !useContext(MeContext).readOnly
