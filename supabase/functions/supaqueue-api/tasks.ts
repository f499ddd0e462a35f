import { z } from '@hono/zod-openapi'
import { headers, httpUrl, maxRps, time } from './fields.ts'
import { limits } from './limits.ts'
import type { Route } from './route.ts'

const taskType = z.string().min(1).max(200).openapi({ example: 'emails' })
const taskId = z.uuid()
const messageId = z.int().openapi({ example: 1 })

// As clients in Go send it, which leave no field out: null, empty and zero are the same as not there.
const addressOrNone = z.union([httpUrl, z.literal('')]).nullish()

const newTask = z.object({
  item_id: z.union([z.string().max(200), z.int()]).nullish()
    .openapi({ description: 'What you call it; given back, as text, with every status.', example: 'order-17' }),
  task_type: taskType.openapi({ description: 'The queue. One that is not there is made.' }),
  max_retries: z.int().min(0).max(10_000).nullish().openapi({ description: 'Tries after the first. Default 3.' }),
  retry_delay: z.int().min(0).max(86_400_000).nullish()
    .openapi({ description: 'Milliseconds before the second try; doubles with each further one.', example: 1000 }),
  timeout: z.int().min(0).max(400_000).nullish()
    .openapi({ description: 'Milliseconds that a call may take. 0: as the queue has it.' }),
  max_rps: z.number().min(0).max(100_000).nullish().openapi({
    description: 'How many of these payloads a second are begun for the first time. May be a fraction. 0: all at once.',
    example: 10,
  }),
  url: addressOrNone.openapi({
    description: 'What is called. Needed unless the queue has a target of its own, or each payload an address.',
  }),
  method: z.enum(['POST', 'PATCH', 'PUT', 'DELETE', '']).nullish()
    .openapi({ description: 'Empty: that of the queue, usually POST. All of them send data as the body.' }),
  headers: headers.nullish(),
  payloads: z.array(
    z.object({
      data: z.unknown().openapi({ description: 'The body of the call: any JSON.' }),
      api_override: z.object({ url: addressOrNone, headers: headers.nullish() })
        .nullish()
        .openapi({ description: 'Wins over url and headers of the task.' }),
    }).openapi({ required: ['data'] }),
  ).min(1).max(limits.batch),
}).openapi('NewTask')

const takenTask = z.object({
  task_id: taskId,
  message_ids: z.array(messageId).openapi({ description: 'In the order of the payloads.' }),
}).openapi('TakenTask')

const taskStatus = z.object({
  message_id: messageId,
  item_id: z.string(),
  task_type: z.string(),
  payload: z.unknown().openapi({ description: 'The data alone.' }),
  status: z.enum(['pending', 'success', 'failed']),
  error: z.string().openapi({ description: 'Empty when there is none.', example: 'timeout' }),
  attempt: z.int().min(0).openapi({ description: 'Retries so far.' }),
  updated_at: time,
  payload_id: z.int().min(0).openapi({ description: 'Its place in the task, from 0.' }),
}).openapi('MessageStatus')

const taskTypeShown = z.object({
  task_type: z.string(),
  max_rps: z.number().nullable().openapi({ description: 'Null: as many as its workers can.', example: 10 }),
  created_at: time,
  updated_at: time,
}).openapi('TaskType')

const tag = 'Tasks'

/** The routes and words of pgmq-taskq. */
export const taskRoutes: Route[] = [
  {
    id: 'postTasks',
    method: 'post',
    path: '/tasks',
    tag,
    summary: 'Take a task: as many messages as payloads, each delivered by one call',
    description: 'Keys without the scope `control` can use task types that are there, and hosts these may call.',
    scope: 'enqueue',
    body: newTask,
    status: 201,
    answer: takenTask,
  },
  {
    id: 'getTask',
    method: 'get',
    path: '/tasks/{task_id}',
    tag,
    summary: 'What became of the messages of a task',
    scope: 'read',
    params: z.object({ task_id: taskId }),
    status: 200,
    answer: z.object({ task_id: taskId, statuses: z.array(taskStatus) })
      .openapi('TaskStatuses'),
  },
  {
    id: 'reprocessDeadLetters',
    method: 'post',
    path: '/dlq/reprocess',
    tag,
    summary: 'Enqueue failed messages again, of a task type or of a task, a thousand at most',
    scope: 'control',
    body: z.object({ task_type: taskType.nullish(), task_id: taskId.nullish() })
      .refine(({ task_type, task_id }) => task_type != null || task_id != null, 'task_type or task_id')
      .openapi('Reprocess', { anyOf: [{ required: ['task_type'] }, { required: ['task_id'] }] }),
    status: 200,
    answer: z.object({
      reprocessed_count: z.int().min(0),
      message_ids: z.array(messageId).openapi({ description: 'New ids.' }),
    }).openapi('Reprocessed'),
  },
  {
    id: 'postTaskType',
    method: 'post',
    path: '/task-types',
    tag,
    summary: 'Say how many messages of a task type a second are begun; makes the type if needed',
    scope: 'control',
    body: z.object({ task_type: taskType, max_rps: maxRps }).openapi('NewTaskType'),
    status: 200,
    answer: taskTypeShown,
  },
  {
    id: 'getTaskType',
    method: 'get',
    path: '/task-types/{task_type}',
    tag,
    summary: 'A task type and its rate',
    scope: 'read',
    params: z.object({ task_type: taskType }),
    status: 200,
    answer: taskTypeShown,
  },
]
