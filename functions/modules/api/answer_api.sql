-- answer_api: one request of the HTTP API, in one transaction.
--
-- called by  the edge function supaqueue-api
-- writes     supaqueue.api_answer, and what the route does
--
-- `route` is the operation as the OpenAPI document names it. `body` is the request's body
-- as it came, so that no number of a payload loses digits; `parameters` are those of path
-- and query. Returns {body, replayed}; `body` is JSON as text, for the same reason.
--
-- With an Idempotency-Key the answer is kept together with what was done, for 24 hours, and
-- as long as the queue is there. `caller` is the id of an API key, '' for the project's own:
-- the same request is answered the same again, and nothing is done twice. What failed
-- changed nothing, and is not kept. Two at the same moment: the second waits for half a
-- second (take_name), and is refused.
--
-- Errors: SQ409 the first one is under way, SQ422 the key was used for another request, or
-- what the database cannot store; and those of the routes.

create or replace function supaqueue.answer_api(
  route text,
  parameters jsonb default '{}',
  body text default null,
  caller text default '',
  idempotency_key text default null,
  request_hash text default null
)
returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  known supaqueue.api_answer;
  request jsonb;
  given constant jsonb := answer_api.parameters;
  answer text;
  named text;
begin
  if octet_length(answer_api.idempotency_key) > 255 or octet_length(answer_api.caller) > 255 then
    raise exception using
      errcode = 'SQ422',
      message = 'an Idempotency-Key has at most 255 bytes',
      hint = 'Nothing was changed. Use a UUID.';
  end if;

  if answer_api.idempotency_key is not null then
    if not supaqueue_internal.take_name('idempotency', answer_api.caller || '/' || answer_api.idempotency_key, 500) then
      raise exception using
        errcode = 'SQ409',
        message = 'a request with this Idempotency-Key is under way',
        hint = 'Nothing was changed. Send it again in a second: it gets the answer of the first one.';
    end if;
    select * into known from supaqueue.api_answer
    where api_answer.caller = answer_api.caller and api_answer.key = answer_api.idempotency_key;
    if known.request_hash <> answer_api.request_hash then
      raise exception using
        errcode = 'SQ422',
        message = 'this Idempotency-Key was used for another request',
        hint = 'Nothing was changed. Take a new key for each new request, and the same one only to send a request again.';
    end if;
    if known.key is not null then
      return jsonb_build_object('body', known.answer, 'replayed', true);
    end if;
  end if;

  begin
    request := answer_api.body::jsonb;
  exception when data_exception or statement_too_complex then
    raise exception using
      errcode = 'SQ422',
      message = format('the database cannot store this body: %s', sqlerrm),
      hint = 'No NUL character, no half of a surrogate pair, no number beyond what numeric holds, not too deeply nested. Nothing was changed.';
  end;

  perform supaqueue_internal.assert_json('the body', request);

  answer := case answer_api.route
    when 'postTasks' then supaqueue_internal.take_task(request, (given ->> 'may_open')::boolean)
    when 'getTask' then supaqueue_internal.show_task((given ->> 'task_id')::uuid)
    when 'reprocessDeadLetters' then supaqueue_internal.reprocess_tasks(request)
    when 'postTaskType' then supaqueue_internal.set_task_type(request ->> 'task_type', (request ->> 'max_rps')::double precision)
    when 'getTaskType' then supaqueue_internal.show_task_type(given ->> 'task_type')
    when 'postJob' then supaqueue_internal.take_job(request)
    when 'getJobs' then supaqueue_internal.list_jobs(given)
    when 'getJob' then supaqueue_internal.show_job((given ->> 'id')::bigint)
    when 'cancelJob' then supaqueue_internal.control_job((given ->> 'id')::bigint, 'cancel')
    when 'retryJob' then supaqueue_internal.control_job((given ->> 'id')::bigint, 'retry')
    when 'runJobNow' then supaqueue_internal.control_job((given ->> 'id')::bigint, 'run_now')
    when 'signalJob' then supaqueue_internal.take_signal((given ->> 'id')::bigint, request)
    when 'postSignal' then supaqueue_internal.take_signal(null, request)
    when 'postTopic' then supaqueue_internal.take_publication(given ->> 'topic', request)
    when 'explainJob' then supaqueue.explain((given ->> 'id')::bigint)
    when 'postBatch' then supaqueue_internal.take_batch(request)
    when 'getBatch' then supaqueue_internal.show_batch((given ->> 'id')::uuid)
    when 'getQueues' then supaqueue_internal.list_queues(given)
    when 'getQueue' then supaqueue_internal.show_queue(given ->> 'name')
    when 'patchQueue' then supaqueue_internal.change_queue(given ->> 'name', request)
    when 'pauseQueue' then supaqueue_internal.pause_queue(given ->> 'name', coalesce(request, '{}'))
    when 'resumeQueue' then supaqueue_internal.pause_queue(given ->> 'name', null)
    when 'getSubscriptions' then supaqueue_internal.list_subscriptions(given ->> 'name')
    when 'subscribeQueue' then supaqueue_internal.change_subscription(given ->> 'name', request)
    when 'unsubscribeQueue' then supaqueue_internal.change_subscription(given ->> 'name', request, ends => true)
    when 'getFailures' then supaqueue_internal.list_failures(given ->> 'queue')
  end;
  if answer is null then
    raise exception using
      errcode = 'SQ404',
      message = format('the database knows no route %s', coalesce(quote_literal(answer_api.route), 'null')),
      hint = 'The database and the edge function supaqueue-api are of different versions. Run the installer again.';
  end if;

  if answer_api.idempotency_key is not null then
    named := coalesce(request ->> 'queue', request ->> 'task_type', given ->> 'name');
    -- It goes with its queue: what is made anew under the same name has answered nothing yet.
    insert into supaqueue.api_answer (caller, key, request_hash, answer, queue)
    values (
      answer_api.caller, answer_api.idempotency_key, answer_api.request_hash, answer,
      case when named is not null then (supaqueue_internal.find_queue(named)).id end
    );
  end if;
  return jsonb_build_object('body', answer, 'replayed', false);
end;
$$;

comment on function supaqueue.answer_api(text, jsonb, text, text, text, text) is 'Answers one request of the HTTP API.';
