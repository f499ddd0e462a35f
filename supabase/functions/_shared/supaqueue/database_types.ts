// Made by scripts/build/types.ts from the schema itself; a test says when it is stale.

/** Anything that JSON can say. */
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]

/** The schema supaqueue, and what supaqueue has in public: `createClient<Database>(url, key)`. */
export type Database = {
  public: {
    Tables: Record<never, never>
    Views: Record<never, never>
    Functions: {
      end_current_job: {
        Args: { cur_job_id: string; _is_complete: boolean; _is_successful: boolean }
        Returns: undefined
      }
      supaqueue_cancel: {
        Args: { job: number }
        Returns: boolean
      }
      supaqueue_enqueue: {
        Args: { queue: string; payload?: Json | null; dedupe_key?: string | null; run_at?: string | null }
        Returns: Json
      }
      supaqueue_signal: {
        Args: { job: number; name: string; payload?: Json | null; idempotency_key?: string | null }
        Returns: Json
      }
      supaqueue_status: {
        Args: { job: number }
        Returns: {
          id: number | null
          queue: string | null
          status: string | null
          attempts: number | null
          progress_percent: number | null
          progress_note: string | null
          created_at: string | null
          run_at: string | null
          finished_at: string | null
          result: Json | null
        }
      }
    }
    Enums: Record<never, never>
    CompositeTypes: Record<never, never>
  }
  supaqueue: {
    Tables: {
      alert: {
        Row: {
          raised_at: string | null
          rule: string
          since: string
          subject: string
          text: string
          value: number | null
          well_since: string | null
        }
        Insert: {
          raised_at?: string | null
          rule: string
          since?: string
          subject: string
          text: string
          value?: number | null
          well_since?: string | null
        }
        Update: {
          raised_at?: string | null
          rule?: string
          since?: string
          subject?: string
          text?: string
          value?: number | null
          well_since?: string | null
        }
        Relationships: [{
          foreignKeyName: 'alert_rule_fkey'
          columns: ['rule']
          isOneToOne: false
          referencedRelation: 'alert_rule'
          referencedColumns: ['id']
        }]
      }
      alert_rule: {
        Row: {
          clear_after: string
          clear_below: number | null
          created_at: string
          enabled: boolean
          id: string
          kind: string
          name: string
          notify: string
          queue: string | null
          raise_after: string
          threshold: number
          told_at: string | null
          told_job: number | null
          told_state: string | null
          told_text: string | null
        }
        Insert: {
          clear_after?: string
          clear_below?: number | null
          created_at?: string
          enabled?: boolean
          id?: string
          kind: string
          name: string
          notify: string
          queue?: string | null
          raise_after?: string
          threshold: number
          told_at?: string | null
          told_job?: number | null
          told_state?: string | null
          told_text?: string | null
        }
        Update: {
          clear_after?: string
          clear_below?: number | null
          created_at?: string
          enabled?: boolean
          id?: string
          kind?: string
          name?: string
          notify?: string
          queue?: string | null
          raise_after?: string
          threshold?: number
          told_at?: string | null
          told_job?: number | null
          told_state?: string | null
          told_text?: string | null
        }
        Relationships: [{
          foreignKeyName: 'alert_rule_notify_fkey'
          columns: ['notify']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }, {
          foreignKeyName: 'alert_rule_queue_fkey'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      api_answer: {
        Row: {
          answer: string
          caller: string
          created_at: string
          key: string
          queue: string | null
          request_hash: string
        }
        Insert: {
          answer: string
          caller: string
          created_at?: string
          key: string
          queue?: string | null
          request_hash: string
        }
        Update: {
          answer?: string
          caller?: string
          created_at?: string
          key?: string
          queue?: string | null
          request_hash?: string
        }
        Relationships: [{
          foreignKeyName: 'api_answer_is_about_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      api_key: {
        Row: {
          burst: number
          created_at: string
          expires_at: string | null
          free_at: string
          hash: string
          id: string
          last_used_at: string | null
          max_rps: number | null
          name: string
          scopes: string[]
        }
        Insert: {
          burst?: number
          created_at?: string
          expires_at?: string | null
          free_at?: string
          hash: string
          id?: string
          last_used_at?: string | null
          max_rps?: number | null
          name: string
          scopes: string[]
        }
        Update: {
          burst?: number
          created_at?: string
          expires_at?: string | null
          free_at?: string
          hash?: string
          id?: string
          last_used_at?: string | null
          max_rps?: number | null
          name?: string
          scopes?: string[]
        }
        Relationships: []
      }
      applied_file: {
        Row: { applied_at: string; checksum: string; fingerprint: string; kind: string; path: string }
        Insert: { applied_at?: string; checksum: string; fingerprint: string; kind: string; path: string }
        Update: { applied_at?: string; checksum?: string; fingerprint?: string; kind?: string; path?: string }
        Relationships: []
      }
      attempt: {
        Row: {
          attempt: number
          begun_at: string | null
          ended_at: string
          error: string | null
          head: string | null
          id: number
          job: number
          ms: number | null
          outcome: string
          region: string | null
          run: string | null
          status: number | null
        }
        Insert: {
          attempt: number
          begun_at?: string | null
          ended_at: string
          error?: string | null
          head?: string | null
          id?: never
          job: number
          ms?: number | null
          outcome: string
          region?: string | null
          run?: string | null
          status?: number | null
        }
        Update: {
          attempt?: number
          begun_at?: string | null
          ended_at?: string
          error?: string | null
          head?: string | null
          id?: never
          job?: number
          ms?: number | null
          outcome?: string
          region?: string | null
          run?: string | null
          status?: number | null
        }
        Relationships: [{
          foreignKeyName: 'attempt_belongs_to_a_job'
          columns: ['job']
          isOneToOne: false
          referencedRelation: 'job'
          referencedColumns: ['id']
        }]
      }
      audit: {
        Row: {
          act: string
          after: Json | null
          application: string | null
          at: string
          before: Json | null
          id: number
          job: number | null
          jobs: number | null
          person: string | null
          queue: string | null
          queue_name: string | null
          role: string
          subject: string | null
        }
        Insert: {
          act: string
          after?: Json | null
          application?: string | null
          at?: string
          before?: Json | null
          id?: never
          job?: number | null
          jobs?: number | null
          person?: string | null
          queue?: string | null
          queue_name?: string | null
          role: string
          subject?: string | null
        }
        Update: {
          act?: string
          after?: Json | null
          application?: string | null
          at?: string
          before?: Json | null
          id?: never
          job?: number | null
          jobs?: number | null
          person?: string | null
          queue?: string | null
          queue_name?: string | null
          role?: string
          subject?: string | null
        }
        Relationships: []
      }
      backfill: {
        Row: {
          after: string[] | null
          code: string | null
          condition: string | null
          created_at: string
          estimate: number
          failures: number
          finished_at: string | null
          hook: string
          id: number
          last_at: string | null
          looked_at: number
          next_try_at: string
          per_second: number
          reason: string | null
          slice: number
          status: string
        }
        Insert: {
          after?: string[] | null
          code?: string | null
          condition?: string | null
          created_at?: string
          estimate?: number
          failures?: number
          finished_at?: string | null
          hook: string
          id?: never
          last_at?: string | null
          looked_at?: number
          next_try_at?: string
          per_second: number
          reason?: string | null
          slice?: number
          status?: string
        }
        Update: {
          after?: string[] | null
          code?: string | null
          condition?: string | null
          created_at?: string
          estimate?: number
          failures?: number
          finished_at?: string | null
          hook?: string
          id?: never
          last_at?: string | null
          looked_at?: number
          next_try_at?: string
          per_second?: number
          reason?: string | null
          slice?: number
          status?: string
        }
        Relationships: [{
          foreignKeyName: 'backfill_is_of_a_hook'
          columns: ['hook']
          isOneToOne: false
          referencedRelation: 'hook'
          referencedColumns: ['id']
        }]
      }
      batch: {
        Row: { created_at: string; id: string; label: string | null; queue: string }
        Insert: { created_at?: string; id?: string; label?: string | null; queue: string }
        Update: { created_at?: string; id?: string; label?: string | null; queue?: string }
        Relationships: [{
          foreignKeyName: 'batch_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      bulk_action: {
        Row: {
          act: string
          at: string
          before: Json
          filter: Json
          id: number
          jobs: number[]
          per_second: number | null
          queue: string | null
          undone_at: string | null
        }
        Insert: {
          act: string
          at?: string
          before?: Json
          filter?: Json
          id?: never
          jobs: number[]
          per_second?: number | null
          queue?: string | null
          undone_at?: string | null
        }
        Update: {
          act?: string
          at?: string
          before?: Json
          filter?: Json
          id?: never
          jobs?: number[]
          per_second?: number | null
          queue?: string | null
          undone_at?: string | null
        }
        Relationships: [{
          foreignKeyName: 'bulk_action_queue_fkey'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      chore: {
        Row: {
          code: string | null
          error: string | null
          failures: number
          last_at: string | null
          last_ms: number | null
          last_ok_at: string | null
          mark: string | null
          name: string
          next_try_at: string
          place: number
          routine: string
          times: number
        }
        Insert: {
          code?: string | null
          error?: string | null
          failures?: number
          last_at?: string | null
          last_ms?: number | null
          last_ok_at?: string | null
          mark?: string | null
          name: string
          next_try_at?: string
          place: number
          routine: string
          times?: number
        }
        Update: {
          code?: string | null
          error?: string | null
          failures?: number
          last_at?: string | null
          last_ms?: number | null
          last_ok_at?: string | null
          mark?: string | null
          name?: string
          next_try_at?: string
          place?: number
          routine?: string
          times?: number
        }
        Relationships: []
      }
      circuit: {
        Row: {
          failures: number
          open_until: string | null
          opened_at: string | null
          openings: number
          reason: string | null
          refused_at: string
          target: string
          tried_at: string | null
        }
        Insert: {
          failures?: number
          open_until?: string | null
          opened_at?: string | null
          openings?: number
          reason?: string | null
          refused_at?: string
          target: string
          tried_at?: string | null
        }
        Update: {
          failures?: number
          open_until?: string | null
          opened_at?: string | null
          openings?: number
          reason?: string | null
          refused_at?: string
          target?: string
          tried_at?: string | null
        }
        Relationships: []
      }
      counter: {
        Row: {
          begun: number
          calls: number[]
          calls_ms: number
          deferred: number
          dropped: number
          duplicates: number
          enqueued: number
          failed: number
          killed: number
          leases_lost: number
          queue: string
          rescheduled: number
          retried: number
          runs: number
          succeeded: number
          turns: number[]
          turns_ms: number
          waits: number[]
          waits_ms: number
          wake_ups: number
        }
        Insert: {
          begun?: number
          calls?: number[]
          calls_ms?: number
          deferred?: number
          dropped?: number
          duplicates?: number
          enqueued?: number
          failed?: number
          killed?: number
          leases_lost?: number
          queue: string
          rescheduled?: number
          retried?: number
          runs?: number
          succeeded?: number
          turns?: number[]
          turns_ms?: number
          waits?: number[]
          waits_ms?: number
          wake_ups?: number
        }
        Update: {
          begun?: number
          calls?: number[]
          calls_ms?: number
          deferred?: number
          dropped?: number
          duplicates?: number
          enqueued?: number
          failed?: number
          killed?: number
          leases_lost?: number
          queue?: string
          rescheduled?: number
          retried?: number
          runs?: number
          succeeded?: number
          turns?: number[]
          turns_ms?: number
          waits?: number[]
          waits_ms?: number
          wake_ups?: number
        }
        Relationships: []
      }
      counter_delta: {
        Row: {
          begun: number | null
          call_ms: number[] | null
          duplicates: number | null
          ended: string[] | null
          enqueued: number | null
          leases_lost: number | null
          queue: string
          runs: number | null
          turn_ms: number | null
          wait_ms: number[] | null
          wake_ups: number | null
        }
        Insert: {
          begun?: number | null
          call_ms?: number[] | null
          duplicates?: number | null
          ended?: string[] | null
          enqueued?: number | null
          leases_lost?: number | null
          queue: string
          runs?: number | null
          turn_ms?: number | null
          wait_ms?: number[] | null
          wake_ups?: number | null
        }
        Update: {
          begun?: number | null
          call_ms?: number[] | null
          duplicates?: number | null
          ended?: string[] | null
          enqueued?: number | null
          leases_lost?: number | null
          queue?: string
          runs?: number | null
          turn_ms?: number | null
          wait_ms?: number[] | null
          wake_ups?: number | null
        }
        Relationships: []
      }
      current_job: {
        Row: {
          begun_at: string | null
          call: string | null
          call_size: number
          called: boolean
          created_at: string
          despite_pause: boolean
          dispatcher: string | null
          id: string
          is_complete: boolean
          is_successful: boolean | null
          job: number
          lease_until: string
          place: number
          queue: string
          worker: string | null
        }
        Insert: {
          begun_at?: string | null
          call?: string | null
          call_size?: number
          called?: boolean
          created_at?: string
          despite_pause?: boolean
          dispatcher?: string | null
          id?: string
          is_complete?: boolean
          is_successful?: boolean | null
          job: number
          lease_until?: string
          place?: number
          queue: string
          worker?: string | null
        }
        Update: {
          begun_at?: string | null
          call?: string | null
          call_size?: number
          called?: boolean
          created_at?: string
          despite_pause?: boolean
          dispatcher?: string | null
          id?: string
          is_complete?: boolean
          is_successful?: boolean | null
          job?: number
          lease_until?: string
          place?: number
          queue?: string
          worker?: string | null
        }
        Relationships: [{
          foreignKeyName: 'current_job_has_a_job'
          columns: ['job']
          isOneToOne: true
          referencedRelation: 'job'
          referencedColumns: ['id']
        }, {
          foreignKeyName: 'current_job_has_a_worker'
          columns: ['worker']
          isOneToOne: false
          referencedRelation: 'worker'
          referencedColumns: ['id']
        }]
      }
      dispatch: {
        Row: {
          accepted_at: string | null
          code: string | null
          fingerprints: string[] | null
          hint: string | null
          message: string | null
          only_one: boolean
          refusals: number
          refused_at: string | null
          refused_since: string | null
          run: string | null
          run_at: string | null
          status: number | null
          vault_seen: string | null
          vault_seen_at: string | null
        }
        Insert: {
          accepted_at?: string | null
          code?: string | null
          fingerprints?: string[] | null
          hint?: string | null
          message?: string | null
          only_one?: boolean
          refusals?: number
          refused_at?: string | null
          refused_since?: string | null
          run?: string | null
          run_at?: string | null
          status?: number | null
          vault_seen?: string | null
          vault_seen_at?: string | null
        }
        Update: {
          accepted_at?: string | null
          code?: string | null
          fingerprints?: string[] | null
          hint?: string | null
          message?: string | null
          only_one?: boolean
          refusals?: number
          refused_at?: string | null
          refused_since?: string | null
          run?: string | null
          run_at?: string | null
          status?: number | null
          vault_seen?: string | null
          vault_seen_at?: string | null
        }
        Relationships: []
      }
      door: {
        Row: {
          created_at: string
          live: boolean
          max_bytes: number
          max_delay: string
          may_cancel: boolean
          may_signal: string[]
          per_address: number | null
          per_minute: number | null
          queue: string
          role: string
          schema: Json | null
          show_result: boolean
        }
        Insert: {
          created_at?: string
          live?: boolean
          max_bytes?: number
          max_delay?: string
          may_cancel?: boolean
          may_signal?: string[]
          per_address?: number | null
          per_minute?: number | null
          queue: string
          role: string
          schema?: Json | null
          show_result?: boolean
        }
        Update: {
          created_at?: string
          live?: boolean
          max_bytes?: number
          max_delay?: string
          may_cancel?: boolean
          may_signal?: string[]
          per_address?: number | null
          per_minute?: number | null
          queue?: string
          role?: string
          schema?: Json | null
          show_result?: boolean
        }
        Relationships: [{
          foreignKeyName: 'door_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      door_use: {
        Row: { free_at: string; queue: string; role: string; who: string }
        Insert: { free_at: string; queue: string; role: string; who: string }
        Update: { free_at?: string; queue?: string; role?: string; who?: string }
        Relationships: [{
          foreignKeyName: 'door_use_belongs_to_a_door'
          columns: ['queue', 'role']
          isOneToOne: false
          referencedRelation: 'door'
          referencedColumns: ['queue', 'role']
        }]
      }
      heartbeat: {
        Row: {
          awake_until: string | null
          back_at: string | null
          back_run: string | null
          led_since: string | null
          listens_until: string | null
          queue: string
          run: string | null
          turned_at: string | null
          turns: number | null
          woken_at: string
        }
        Insert: {
          awake_until?: string | null
          back_at?: string | null
          back_run?: string | null
          led_since?: string | null
          listens_until?: string | null
          queue: string
          run?: string | null
          turned_at?: string | null
          turns?: number | null
          woken_at?: string
        }
        Update: {
          awake_until?: string | null
          back_at?: string | null
          back_run?: string | null
          led_since?: string | null
          listens_until?: string | null
          queue?: string
          run?: string | null
          turned_at?: string | null
          turns?: number | null
          woken_at?: string
        }
        Relationships: [{
          foreignKeyName: 'heartbeat_queue_fkey'
          columns: ['queue']
          isOneToOne: true
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      history: {
        Row: {
          at: string
          backlog: number | null
          begun: number
          calls: Json
          calls_ms: number
          deferred: number
          dropped: number
          enqueued: number
          failed: number
          leases_lost: number
          oldest_s: number | null
          queue: string
          rescheduled: number
          retried: number
          span: string
          succeeded: number
        }
        Insert: {
          at: string
          backlog?: number | null
          begun?: number
          calls?: Json
          calls_ms?: number
          deferred?: number
          dropped?: number
          enqueued?: number
          failed?: number
          leases_lost?: number
          oldest_s?: number | null
          queue: string
          rescheduled?: number
          retried?: number
          span: string
          succeeded?: number
        }
        Update: {
          at?: string
          backlog?: number | null
          begun?: number
          calls?: Json
          calls_ms?: number
          deferred?: number
          dropped?: number
          enqueued?: number
          failed?: number
          leases_lost?: number
          oldest_s?: number | null
          queue?: string
          rescheduled?: number
          retried?: number
          span?: string
          succeeded?: number
        }
        Relationships: []
      }
      home: {
        Row: { adopted: boolean; id: string; project: string; seen_at: string }
        Insert: { adopted?: boolean; id?: string; project: string; seen_at?: string }
        Update: { adopted?: boolean; id?: string; project?: string; seen_at?: string }
        Relationships: []
      }
      hook: {
        Row: {
          coalesces: string | null
          columns: string[] | null
          condition: string | null
          created_at: string
          delay: string | null
          enabled: boolean
          events: string[]
          id: string
          ignore: string[] | null
          max_depth: number
          max_wait: string | null
          name: string
          off_reason: string | null
          off_since: string | null
          ordered: string | null
          own_changes: string
          payload: string
          queue: string
          schema_name: string
          soft: boolean
          table_name: string
        }
        Insert: {
          coalesces?: string | null
          columns?: string[] | null
          condition?: string | null
          created_at?: string
          delay?: string | null
          enabled?: boolean
          events: string[]
          id?: string
          ignore?: string[] | null
          max_depth?: number
          max_wait?: string | null
          name: string
          off_reason?: string | null
          off_since?: string | null
          ordered?: string | null
          own_changes?: string
          payload?: string
          queue: string
          schema_name: string
          soft?: boolean
          table_name: string
        }
        Update: {
          coalesces?: string | null
          columns?: string[] | null
          condition?: string | null
          created_at?: string
          delay?: string | null
          enabled?: boolean
          events?: string[]
          id?: string
          ignore?: string[] | null
          max_depth?: number
          max_wait?: string | null
          name?: string
          off_reason?: string | null
          off_since?: string | null
          ordered?: string | null
          own_changes?: string
          payload?: string
          queue?: string
          schema_name?: string
          soft?: boolean
          table_name?: string
        }
        Relationships: [{
          foreignKeyName: 'hook_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      hook_fault: {
        Row: { code: string; hook: string; id: number; lost: number; noted_at: string; reason: string }
        Insert: { code: string; hook: string; id?: never; lost?: number; noted_at?: string; reason: string }
        Update: { code?: string; hook?: string; id?: never; lost?: number; noted_at?: string; reason?: string }
        Relationships: [{
          foreignKeyName: 'hook_fault_is_of_a_hook'
          columns: ['hook']
          isOneToOne: false
          referencedRelation: 'hook'
          referencedColumns: ['id']
        }]
      }
      job: {
        Row: {
          attempts: number
          batch: string | null
          batch_index: number | null
          batch_limit: number | null
          begun_key: string | null
          call_ms: number | null
          concurrency_key: string | null
          created_at: string
          dedupe_key: string | null
          dedupe_pruned: boolean
          deferrals: number
          deferred_since: string | null
          error: string | null
          finished_at: string | null
          has_targets: boolean
          headers: Json | null
          id: number
          lost_claims: number
          max_attempts: number | null
          method: string | null
          origin: Json | null
          owner: string | null
          payload: Json
          priority: number
          progress_note: string | null
          progress_percent: number | null
          query: Json | null
          queue: string
          repeats: number
          result: Json | null
          retry_base_ms: number | null
          retry_max_ms: number | null
          retry_of: number | null
          run_at: string
          state: Json | null
          status: Database['supaqueue']['Enums']['job_status']
          timeout_ms: number | null
          updated_at: string
          url: string | null
          version: number | null
          waits_for: number
        }
        Insert: {
          attempts?: number
          batch?: string | null
          batch_index?: number | null
          batch_limit?: number | null
          begun_key?: string | null
          call_ms?: number | null
          concurrency_key?: string | null
          created_at?: string
          dedupe_key?: string | null
          dedupe_pruned?: boolean
          deferrals?: number
          deferred_since?: string | null
          error?: string | null
          finished_at?: string | null
          has_targets?: boolean
          headers?: Json | null
          id?: never
          lost_claims?: number
          max_attempts?: number | null
          method?: string | null
          origin?: Json | null
          owner?: string | null
          payload?: Json
          priority?: number
          progress_note?: string | null
          progress_percent?: number | null
          query?: Json | null
          queue: string
          repeats?: number
          result?: Json | null
          retry_base_ms?: number | null
          retry_max_ms?: number | null
          retry_of?: number | null
          run_at?: string
          state?: Json | null
          status?: Database['supaqueue']['Enums']['job_status']
          timeout_ms?: number | null
          updated_at?: string
          url?: string | null
          version?: number | null
          waits_for?: number
        }
        Update: {
          attempts?: number
          batch?: string | null
          batch_index?: number | null
          batch_limit?: number | null
          begun_key?: string | null
          call_ms?: number | null
          concurrency_key?: string | null
          created_at?: string
          dedupe_key?: string | null
          dedupe_pruned?: boolean
          deferrals?: number
          deferred_since?: string | null
          error?: string | null
          finished_at?: string | null
          has_targets?: boolean
          headers?: Json | null
          id?: never
          lost_claims?: number
          max_attempts?: number | null
          method?: string | null
          origin?: Json | null
          owner?: string | null
          payload?: Json
          priority?: number
          progress_note?: string | null
          progress_percent?: number | null
          query?: Json | null
          queue?: string
          repeats?: number
          result?: Json | null
          retry_base_ms?: number | null
          retry_max_ms?: number | null
          retry_of?: number | null
          run_at?: string
          state?: Json | null
          status?: Database['supaqueue']['Enums']['job_status']
          timeout_ms?: number | null
          updated_at?: string
          url?: string | null
          version?: number | null
          waits_for?: number
        }
        Relationships: [{
          foreignKeyName: 'job_belongs_to_a_batch'
          columns: ['batch']
          isOneToOne: false
          referencedRelation: 'batch'
          referencedColumns: ['id']
        }, {
          foreignKeyName: 'job_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      job_dependency: {
        Row: {
          created_at: string
          ended_as: Database['supaqueue']['Enums']['job_status'] | null
          on_failure: string
          source: number
          target: number
        }
        Insert: {
          created_at?: string
          ended_as?: Database['supaqueue']['Enums']['job_status'] | null
          on_failure?: string
          source: number
          target: number
        }
        Update: {
          created_at?: string
          ended_as?: Database['supaqueue']['Enums']['job_status'] | null
          on_failure?: string
          source?: number
          target?: number
        }
        Relationships: [{
          foreignKeyName: 'job_dependency_source_is_a_job'
          columns: ['source']
          isOneToOne: false
          referencedRelation: 'job'
          referencedColumns: ['id']
        }, {
          foreignKeyName: 'job_dependency_target_is_a_job'
          columns: ['target']
          isOneToOne: false
          referencedRelation: 'job'
          referencedColumns: ['id']
        }]
      }
      key_lock: {
        Row: { queue: string }
        Insert: { queue: string }
        Update: { queue?: string }
        Relationships: [{
          foreignKeyName: 'key_lock_queue_fkey'
          columns: ['queue']
          isOneToOne: true
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      last_count: {
        Row: {
          mark: number | null
          marked_at: string | null
          marked_xact: string | null
          only_one: boolean
          up_to: number
        }
        Insert: {
          mark?: number | null
          marked_at?: string | null
          marked_xact?: string | null
          only_one?: boolean
          up_to?: number
        }
        Update: {
          mark?: number | null
          marked_at?: string | null
          marked_xact?: string | null
          only_one?: boolean
          up_to?: number
        }
        Relationships: []
      }
      last_sweep: {
        Row: { leases_lost: number; ms: number; only_one: boolean; queues_woken: number; swept_at: string }
        Insert: { leases_lost: number; ms: number; only_one?: boolean; queues_woken: number; swept_at: string }
        Update: { leases_lost?: number; ms?: number; only_one?: boolean; queues_woken?: number; swept_at?: string }
        Relationships: []
      }
      line_change: {
        Row: { id: number; line: string; moves_on: boolean; queue: string }
        Insert: { id?: never; line: string; moves_on: boolean; queue: string }
        Update: { id?: never; line?: string; moves_on?: boolean; queue?: string }
        Relationships: []
      }
      line_head: {
        Row: { is_due: boolean; job: number; line: string; priority: number; queue: string; run_at: string }
        Insert: { is_due: boolean; job: number; line: string; priority: number; queue: string; run_at: string }
        Update: { is_due?: boolean; job?: number; line?: string; priority?: number; queue?: string; run_at?: string }
        Relationships: [{
          foreignKeyName: 'line_head_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'key_lock'
          referencedColumns: ['queue']
        }]
      }
      migration: {
        Row: { applied_at: string; checksum: string; name: string }
        Insert: { applied_at?: string; checksum: string; name: string }
        Update: { applied_at?: string; checksum?: string; name?: string }
        Relationships: []
      }
      named_lock: {
        Row: { name: string; space: string }
        Insert: { name: string; space: string }
        Update: { name?: string; space?: string }
        Relationships: []
      }
      place_in_line: {
        Row: { job: number; line: string; queue: string }
        Insert: { job: number; line: string; queue: string }
        Update: { job?: number; line?: string; queue?: string }
        Relationships: []
      }
      process: {
        Row: {
          begun_at: string
          functions: boolean
          id: string
          lease_until: string
          name: string
          queues: string[] | null
        }
        Insert: {
          begun_at?: string
          functions?: boolean
          id: string
          lease_until: string
          name?: string
          queues?: string[] | null
        }
        Update: {
          begun_at?: string
          functions?: boolean
          id?: string
          lease_until?: string
          name?: string
          queues?: string[] | null
        }
        Relationships: []
      }
      queue: {
        Row: {
          after_failure: string
          allowed_hosts: string[]
          batch_by: string | null
          batch_counts: string
          batch_size: number
          batch_wait_ms: number
          created_at: string
          dedupe_until: string
          default_headers: Json
          edge_function_name: string | null
          heeds: string[] | null
          id: string
          keep_failed: string
          keep_success: string
          keep_success_attempts: boolean
          max_attempts: number
          max_defer_ms: number
          max_deferrals: number | null
          max_lease_ms: number | null
          max_repeats: number | null
          method: string
          mode: string
          name: string
          opens: string[]
          ordered: string | null
          paused: boolean
          paused_reason: string | null
          paused_until: string | null
          payload_max_bytes: number
          per_key: number | null
          rate_limit: string | null
          redact: string[]
          result_max_bytes: number
          retry_base_ms: number
          retry_factor: number
          retry_max_ms: number
          signing_secrets: string[] | null
          timeout_ms: number
          url: string | null
        }
        Insert: {
          after_failure?: string
          allowed_hosts?: string[]
          batch_by?: string | null
          batch_counts?: string
          batch_size?: number
          batch_wait_ms?: number
          created_at?: string
          dedupe_until?: string
          default_headers?: Json
          edge_function_name?: string | null
          heeds?: string[] | null
          id?: string
          keep_failed?: string
          keep_success?: string
          keep_success_attempts?: boolean
          max_attempts?: number
          max_defer_ms?: number
          max_deferrals?: number | null
          max_lease_ms?: number | null
          max_repeats?: number | null
          method?: string
          mode?: string
          name?: string
          opens?: string[]
          ordered?: string | null
          paused?: boolean
          paused_reason?: string | null
          paused_until?: string | null
          payload_max_bytes?: number
          per_key?: number | null
          rate_limit?: string | null
          redact?: string[]
          result_max_bytes?: number
          retry_base_ms?: number
          retry_factor?: number
          retry_max_ms?: number
          signing_secrets?: string[] | null
          timeout_ms?: number
          url?: string | null
        }
        Update: {
          after_failure?: string
          allowed_hosts?: string[]
          batch_by?: string | null
          batch_counts?: string
          batch_size?: number
          batch_wait_ms?: number
          created_at?: string
          dedupe_until?: string
          default_headers?: Json
          edge_function_name?: string | null
          heeds?: string[] | null
          id?: string
          keep_failed?: string
          keep_success?: string
          keep_success_attempts?: boolean
          max_attempts?: number
          max_defer_ms?: number
          max_deferrals?: number | null
          max_lease_ms?: number | null
          max_repeats?: number | null
          method?: string
          mode?: string
          name?: string
          opens?: string[]
          ordered?: string | null
          paused?: boolean
          paused_reason?: string | null
          paused_until?: string | null
          payload_max_bytes?: number
          per_key?: number | null
          rate_limit?: string | null
          redact?: string[]
          result_max_bytes?: number
          retry_base_ms?: number
          retry_factor?: number
          retry_max_ms?: number
          signing_secrets?: string[] | null
          timeout_ms?: number
          url?: string | null
        }
        Relationships: [{
          foreignKeyName: 'queue_rate_limit_exists'
          columns: ['rate_limit']
          isOneToOne: false
          referencedRelation: 'rate_limit'
          referencedColumns: ['name']
        }]
      }
      rate_limit: {
        Row: { burst: number; created_at: string; free_at: string; max_rps: number; name: string; updated_at: string }
        Insert: {
          burst?: number
          created_at?: string
          free_at?: string
          max_rps: number
          name: string
          updated_at?: string
        }
        Update: {
          burst?: number
          created_at?: string
          free_at?: string
          max_rps?: number
          name?: string
          updated_at?: string
        }
        Relationships: []
      }
      schedule: {
        Row: {
          catch_up: string
          created_at: string
          cron: string
          enabled: boolean
          id: string
          last_at: string | null
          last_job: number | null
          name: string
          next_at: string | null
          overlap: boolean
          payload: Json
          queue: string
          time_zone: string
        }
        Insert: {
          catch_up?: string
          created_at?: string
          cron: string
          enabled?: boolean
          id?: string
          last_at?: string | null
          last_job?: number | null
          name: string
          next_at?: string | null
          overlap?: boolean
          payload?: Json
          queue: string
          time_zone?: string
        }
        Update: {
          catch_up?: string
          created_at?: string
          cron?: string
          enabled?: boolean
          id?: string
          last_at?: string | null
          last_job?: number | null
          name?: string
          next_at?: string | null
          overlap?: boolean
          payload?: Json
          queue?: string
          time_zone?: string
        }
        Relationships: [{
          foreignKeyName: 'schedule_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      setting: {
        Row: { name: string; value: string }
        Insert: { name: string; value: string }
        Update: { name?: string; value?: string }
        Relationships: []
      }
      signal: {
        Row: {
          created_at: string
          id: number
          idempotency_key: string | null
          job: number | null
          key: string | null
          late: boolean
          name: string
          payload: Json
          taken_at: string | null
          taken_by: number | null
        }
        Insert: {
          created_at?: string
          id?: never
          idempotency_key?: string | null
          job?: number | null
          key?: string | null
          late?: boolean
          name: string
          payload?: Json
          taken_at?: string | null
          taken_by?: number | null
        }
        Update: {
          created_at?: string
          id?: never
          idempotency_key?: string | null
          job?: number | null
          key?: string | null
          late?: boolean
          name?: string
          payload?: Json
          taken_at?: string | null
          taken_by?: number | null
        }
        Relationships: []
      }
      step: {
        Row: {
          alone: boolean
          attempts: number
          begun_at: string
          bytes: number
          ended_at: string | null
          error: string | null
          fingerprint: string | null
          item: number
          items: number | null
          job: number
          key: string | null
          kind: string
          ms: number | null
          name: string
          occurrence: number
          place: number
          result: Json | null
          status: string
          tries: Json
          until: string | null
          version: string | null
        }
        Insert: {
          alone?: boolean
          attempts?: number
          begun_at?: string
          bytes?: number
          ended_at?: string | null
          error?: string | null
          fingerprint?: string | null
          item?: number
          items?: number | null
          job: number
          key?: string | null
          kind?: string
          ms?: number | null
          name: string
          occurrence?: number
          place: number
          result?: Json | null
          status: string
          tries?: Json
          until?: string | null
          version?: string | null
        }
        Update: {
          alone?: boolean
          attempts?: number
          begun_at?: string
          bytes?: number
          ended_at?: string | null
          error?: string | null
          fingerprint?: string | null
          item?: number
          items?: number | null
          job?: number
          key?: string | null
          kind?: string
          ms?: number | null
          name?: string
          occurrence?: number
          place?: number
          result?: Json | null
          status?: string
          tries?: Json
          until?: string | null
          version?: string | null
        }
        Relationships: [{
          foreignKeyName: 'step_belongs_to_a_job'
          columns: ['job']
          isOneToOne: false
          referencedRelation: 'job'
          referencedColumns: ['id']
        }]
      }
      subscription: {
        Row: { created_at: string; filter: Json | null; id: string; pattern: string; queue: string }
        Insert: { created_at?: string; filter?: Json | null; id?: string; pattern: string; queue: string }
        Update: { created_at?: string; filter?: Json | null; id?: string; pattern?: string; queue?: string }
        Relationships: [{
          foreignKeyName: 'subscription_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      throttled_key: {
        Row: { free_at: string; key: string; queue: string }
        Insert: { free_at: string; key: string; queue: string }
        Update: { free_at?: string; key?: string; queue?: string }
        Relationships: [{
          foreignKeyName: 'throttled_key_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
      trouble: {
        Row: {
          code: string
          job: number | null
          kind: string
          next_try_at: string
          queue: string | null
          reason: string
          report: Json | null
          since: string
          subject: string
          tried_at: string
          tries: number
        }
        Insert: {
          code: string
          job?: number | null
          kind: string
          next_try_at?: string
          queue?: string | null
          reason: string
          report?: Json | null
          since?: string
          subject: string
          tried_at?: string
          tries?: number
        }
        Update: {
          code?: string
          job?: number | null
          kind?: string
          next_try_at?: string
          queue?: string | null
          reason?: string
          report?: Json | null
          since?: string
          subject?: string
          tried_at?: string
          tries?: number
        }
        Relationships: []
      }
      unsettled: {
        Row: { id: number; job: number; noted_at: string }
        Insert: { id?: never; job: number; noted_at?: string }
        Update: { id?: never; job?: number; noted_at?: string }
        Relationships: []
      }
      wake_up: {
        Row: { posted_at: string; queue: string; request: number }
        Insert: { posted_at?: string; queue: string; request: number }
        Update: { posted_at?: string; queue?: string; request?: number }
        Relationships: []
      }
      worker: {
        Row: { created_at: string; id: string; locked: boolean; queue: string }
        Insert: { created_at?: string; id?: string; locked?: boolean; queue: string }
        Update: { created_at?: string; id?: string; locked?: boolean; queue?: string }
        Relationships: [{
          foreignKeyName: 'worker_belongs_to_a_queue'
          columns: ['queue']
          isOneToOne: false
          referencedRelation: 'queue'
          referencedColumns: ['id']
        }]
      }
    }
    Views: {
      failed_jobs: {
        Row: {
          attempts: number | null
          batch: string | null
          dedupe_key: string | null
          error: string | null
          failed_at: string | null
          fingerprint: string | null
          job: number | null
          payload: Json | null
          queue: string | null
          queue_name: string | null
        }
        Relationships: []
      }
      failures: {
        Row: {
          example_error: string | null
          example_job: number | null
          fingerprint: string | null
          first_seen: string | null
          jobs: number | null
          last_seen: string | null
          queue: string | null
          queue_name: string | null
        }
        Relationships: []
      }
      outcome: {
        Row: {
          attempt: string | null
          becomes: Database['supaqueue']['Enums']['job_status'] | null
          bounded: string | null
          deferring: string | null
          fault: boolean | null
          outcome: string | null
          reached: boolean | null
          recorded: boolean | null
          state: string | null
          wait: string | null
          word: string | null
        }
        Relationships: []
      }
      queue_counters: {
        Row: {
          begun: number | null
          calls: number[] | null
          calls_ms: number | null
          deferred: number | null
          dropped: number | null
          duplicates: number | null
          enqueued: number | null
          failed: number | null
          killed: number | null
          leases_lost: number | null
          name: string | null
          queue: string | null
          rescheduled: number | null
          retried: number | null
          runs: number | null
          succeeded: number | null
          turns: number[] | null
          turns_ms: number | null
          waits: number[] | null
          waits_ms: number | null
          wake_ups: number | null
        }
        Relationships: []
      }
      queue_overview: {
        Row: {
          circuit_open_until: string | null
          circuit_reason: string | null
          circuit_since: string | null
          circuit_target: string | null
          drains_per_minute: number | null
          due: number | null
          empty_in: string | null
          ended_per_minute: number | null
          enqueued_per_minute: number | null
          error_rate: number | null
          failed: number | null
          fault: string | null
          max_rps: number | null
          mode: string | null
          name: string | null
          oldest_due: string | null
          p50_ms: number | null
          p95_ms: number | null
          paused: boolean | null
          paused_by: string | null
          paused_reason: string | null
          paused_since: string | null
          paused_until: string | null
          per_minute: number | null
          queue: string | null
          remedy: string | null
          running: number | null
          target: string | null
          waiting: number | null
          workers: number | null
          workers_taken: number | null
        }
        Relationships: []
      }
    }
    Functions: {
      adopt: {
        Args: Record<never, never>
        Returns: string
      }
      adopt_webhooks: {
        Args: { dry_run?: boolean | null }
        Returns: Json
      }
      alert_overview: {
        Args: Record<never, never>
        Returns: Json
      }
      allow: {
        Args: {
          queue: string
          role: string
          max_bytes?: number | null
          schema?: Json | null
          per_minute?: number | null
          max_delay?: string | null
          show_result?: boolean | null
          may_cancel?: boolean | null
          live?: boolean | null
          per_address?: number | null
          may_signal?: string[] | null
        }
        Returns: undefined
      }
      assert_lease: {
        Args: { token: string }
        Returns: undefined
      }
      backfill: {
        Args: { hook: string; where?: string | null; rate?: number | null; any_order?: boolean | null }
        Returns: number
      }
      backfill_progress: {
        Args: { backfill: number }
        Returns: Json
      }
      bulk_progress: {
        Args: { action: number }
        Returns: Json
      }
      canary: {
        Args: { queue: string; fingerprint: string; most?: number | null }
        Returns: number[]
      }
      canary_verdict: {
        Args: { jobs: number[]; fingerprint: string }
        Returns: {
          verdict: string | null
          succeeded: number | null
          failed_alike: number | null
          failed_otherwise: number | null
          open: number | null
        }
      }
      cancel: {
        Args: { job: number }
        Returns: boolean
      }
      cancel_backfill: {
        Args: { backfill: number }
        Returns: boolean
      }
      cancel_where: {
        Args: { queue?: string | null; filter?: Json | null; batch?: string | null }
        Returns: number
      }
      create_api_key: {
        Args: {
          name: string
          scopes: string[]
          max_rps?: number | null
          burst?: number | null
          expires_at?: string | null
        }
        Returns: string
      }
      create_queue: {
        Args: {
          name: string
          function?: string | null
          workers?: number | null
          max_rps?: number | null
          url?: string | null
          max_attempts?: number | null
          timeout_ms?: number | null
          retry_base_ms?: number | null
          retry_max_ms?: number | null
          per_key?: number | null
          mode?: string | null
          default_headers?: Json | null
          batch_size?: number | null
          batch_wait_ms?: number | null
          ordered?: string | null
          after_failure?: string | null
          batch_by?: string | null
          batch_counts?: string | null
          dedupe_until?: string | null
        }
        Returns: string
      }
      delete_alert: {
        Args: { name: string }
        Returns: string
      }
      delete_queue: {
        Args: { queue: string }
        Returns: undefined
      }
      depend: {
        Args: { target: number; sources: number[]; on_failure?: string | null }
        Returns: number
      }
      discard_where: {
        Args: { queue?: string | null; filter?: Json | null; most?: number | null; dry_run?: boolean | null }
        Returns: Json
      }
      enable_alert: {
        Args: { name: string; enabled?: boolean | null }
        Returns: string
      }
      enqueue: {
        Args: {
          queue: string
          payload?: Json | null
          priority?: number | null
          run_at?: string | null
          delay?: string | null
          dedupe_key?: string | null
          on_conflict?: string | null
          headers?: Json | null
          version?: number | null
          max_attempts?: number | null
          timeout_ms?: number | null
          concurrency_key?: string | null
          batch?: string | null
          depends_on?: number[] | null
          held?: boolean | null
          debounce?: string | null
          max_wait?: string | null
          throttle?: string | null
        }
        Returns: number
      }
      enqueue_many: {
        Args: {
          queue: string
          jobs: Json
          batch_label?: string | null
          on_conflict?: string | null
          debounce?: string | null
          max_wait?: string | null
          throttle?: string | null
        }
        Returns: Database['supaqueue']['CompositeTypes']['enqueued_job'][]
      }
      explain: {
        Args: { job: number }
        Returns: Json
      }
      extend: {
        Args: { token: string; lease_ms?: number | null }
        Returns: string
      }
      fingerprint: {
        Args: { outcome: string; status: number; error: string }
        Returns: string
      }
      finish: {
        Args: {
          token: string
          outcome: string
          result?: Json | null
          message?: string | null
          at?: string | null
          after_ms?: number | null
          state?: Json | null
        }
        Returns: undefined
      }
      forget_steps: {
        Args: { job: number; from_step?: string | null; later?: boolean | null }
        Returns: number
      }
      health: {
        Args: Record<never, never>
        Returns: Json
      }
      hold: {
        Args: { job: number }
        Returns: boolean
      }
      hook_overview: {
        Args: Record<never, never>
        Returns: Json
      }
      job_story: {
        Args: { job: number }
        Returns: Json
      }
      load_steps: {
        Args: { token: string; after?: number | null }
        Returns: Json
      }
      metrics: {
        Args: Record<never, never>
        Returns: string
      }
      next_time: {
        Args: { cron: string; time_zone?: string | null; after?: string | null }
        Returns: string
      }
      note_steps: {
        Args: { token: string; steps: Json; percent?: number | null; note?: string | null }
        Returns: undefined
      }
      off_change: {
        Args: { name: string }
        Returns: boolean
      }
      on_change: {
        Args: {
          table: string
          queue: string
          name?: string | null
          events?: string[] | null
          columns?: string[] | null
          ignore?: string[] | null
          when?: string | null
          payload?: string | null
          soft?: boolean | null
          own_changes?: string | null
          max_depth?: number | null
          ordered?: string | null
          coalesce?: string | null
          delay?: string | null
          max_wait?: string | null
          coalesces?: string | null
        }
        Returns: string
      }
      pause: {
        Args: { queue: string; until?: string | null; reason?: string | null }
        Returns: undefined
      }
      pause_hook: {
        Args: { name: string; reason?: string | null }
        Returns: string
      }
      pick: {
        Args: { queue: string; version?: number | null; most?: number | null; lock_duration?: string | null }
        Returns: Database['supaqueue']['CompositeTypes']['picked_job'][]
      }
      process_jobs: {
        Args: Record<never, never>
        Returns: number
      } | {
        Args: { queue: string }
        Returns: number
      }
      progress: {
        Args: { token: string; percent?: number | null; note?: string | null }
        Returns: undefined
      }
      prune: {
        Args: { most?: number | null }
        Returns: number
      }
      publish: {
        Args: {
          topic: string
          payload?: Json | null
          dedupe_key?: string | null
          concurrency_key?: string | null
          priority?: number | null
          delay?: string | null
        }
        Returns: number[]
      }
      release: {
        Args: { job: number }
        Returns: boolean
      }
      replay: {
        Args: { hook: string; since: string; until?: string | null; most?: number | null }
        Returns: number[]
      }
      reprocess: {
        Args: { queue?: string | null; batch?: string | null; jobs?: number[] | null; most?: number | null }
        Returns: number[]
      }
      resume: {
        Args: { queue: string }
        Returns: boolean
      }
      resume_backfill: {
        Args: { backfill: number }
        Returns: boolean
      }
      resume_hook: {
        Args: { name: string }
        Returns: boolean
      }
      retry: {
        Args: { job: number }
        Returns: undefined
      }
      retry_failures: {
        Args: { queue: string; fingerprint?: string | null; most?: number | null; per_second?: number | null }
        Returns: number
      }
      retry_where: {
        Args: {
          queue?: string | null
          filter?: Json | null
          most?: number | null
          per_second?: number | null
          dry_run?: boolean | null
        }
        Returns: Json
      }
      revoke: {
        Args: { queue: string; role?: string | null }
        Returns: boolean
      }
      revoke_api_key: {
        Args: { name: string }
        Returns: boolean
      }
      run_now: {
        Args: { job: number }
        Returns: boolean
      }
      set_alert: {
        Args: {
          name: string
          kind: string
          threshold: number
          notify: string
          queue?: string | null
          clear_below?: number | null
          raise_after?: string | null
          clear_after?: string | null
        }
        Returns: string
      }
      set_concurrency: {
        Args: { queue: string; calls: number }
        Returns: number
      }
      set_max_rps: {
        Args: { queue: string; max_rps: number; burst?: number | null }
        Returns: undefined
      }
      set_rate_limit: {
        Args: { name: string; max_rps: number; burst?: number | null }
        Returns: undefined
      }
      signal: {
        Args: {
          job?: number | null
          name?: string | null
          payload?: Json | null
          key?: string | null
          idempotency_key?: string | null
        }
        Returns: number
      }
      snooze: {
        Args: { job: number; until?: string | null; delay?: string | null }
        Returns: string
      }
      source_results: {
        Args: { job: number }
        Returns: Database['supaqueue']['CompositeTypes']['source_result'][]
      }
      subscribe: {
        Args: { pattern: string; queue: string; filter?: Json | null }
        Returns: boolean
      }
      suspend: {
        Args: { token: string; steps?: Json | null; slice?: boolean | null }
        Returns: Json
      }
      sweep: {
        Args: { most?: number | null }
        Returns: { leases_lost: number | null; queues_woken: number | null }
      }
      truncate_queue: {
        Args: { queue: string }
        Returns: number
      }
      try_again: {
        Args: { kind?: string | null; subject?: string | null }
        Returns: number
      }
      try_target: {
        Args: { queue: string }
        Returns: boolean
      }
      undo_bulk: {
        Args: { action: number }
        Returns: number
      }
      unsubscribe: {
        Args: { pattern: string; queue: string }
        Returns: number
      }
    }
    Enums: { job_status: 'held' | 'pending' | 'in_progress' | 'success' | 'failed' | 'cancelled' }
    CompositeTypes: {
      enqueued_job: { batch: string | null; enqueued: boolean | null; id: number | null }
      picked_job: {
        attempts: number | null
        created_at: string | null
        dedupe_key: string | null
        job: number | null
        job_version: number | null
        lease_until: string | null
        payload: Json | null
        priority: number | null
        run_at: string | null
        state: Json | null
        token: string | null
      }
      source_result: {
        batch_index: number | null
        error: string | null
        payload: Json | null
        queue: string | null
        result: Json | null
        source: number | null
        status: Database['supaqueue']['Enums']['job_status'] | null
      }
    }
  }
}
