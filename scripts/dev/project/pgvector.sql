-- A stand-in for pgvector: the types, their distances and the names of its indexes, so that migrations apply and a search
-- finds what it would find, one row after the other. What pgvector is for, to be fast, it is not: its indexes are of no
-- use to a search. Not here: sparsevec, distances of bits, arithmetic, aggregates. A value is kept as it was written.
--
-- Makes what `create extension vector` would make, in the schema where that would be, and once for a database. A superuser
-- makes it: base types and index methods are for nobody else. What is in that schema already is a project's own, so nothing
-- is looked for there.

create or replace procedure supabase_migrations.pgvector(home text default current_schema())
language plpgsql security definer set search_path = pg_catalog, pg_temp as $stand_in$
declare
  kind text;
  source text;
  method text;
  measure text;
begin
  if exists (select from pg_am where amname = 'hnsw') then
    return;
  end if;

  foreach method in array array['hnsw', 'ivfflat'] loop
    execute format('create access method %I type index handler hashhandler', method);
  end loop;

  foreach kind in array array['vector', 'halfvec'] loop
    execute format('create type %I.%I', home, kind);
    execute replace(replace($sql$
      create function HOME.KIND_in(cstring, oid, integer) returns HOME.KIND language internal immutable strict parallel safe as 'textin';
      create function HOME.KIND_out(HOME.KIND) returns cstring language internal immutable strict parallel safe as 'textout';
      create function HOME.KIND_recv(internal, oid, integer) returns HOME.KIND language internal stable strict parallel safe as 'textrecv';
      create function HOME.KIND_send(HOME.KIND) returns bytea language internal stable strict parallel safe as 'textsend';
      create type HOME.KIND (
        input = HOME.KIND_in, output = HOME.KIND_out, receive = HOME.KIND_recv, send = HOME.KIND_send,
        typmod_in = varchartypmodin, typmod_out = varchartypmodout, storage = external
      );

      create function HOME.KIND_terms(HOME.KIND) returns double precision[] language sql immutable strict parallel safe
        return string_to_array(btrim($1::text, '[]'), ',')::double precision[];
      create function HOME.vector_dims(HOME.KIND) returns integer language sql immutable strict parallel safe
        return cardinality(HOME.KIND_terms($1));

      -- The length of varchar: four more than was said.
      create function HOME.KIND(HOME.KIND, integer, boolean) returns HOME.KIND language plpgsql immutable strict parallel safe as $body$
      declare
        dimensions constant integer := cardinality(string_to_array(btrim($1::text, '[]'), ',')::double precision[]);
      begin
        if $2 > 0 and dimensions <> $2 - 4 then
          raise exception using errcode = 'data_exception', message = format('expected %s dimensions, not %s', $2 - 4, dimensions);
        end if;
        return $1;
      end;
      $body$;
      create cast (HOME.KIND as HOME.KIND) with function HOME.KIND(HOME.KIND, integer, boolean) as implicit;

      create function HOME.array_from_KIND(HOME.KIND) returns real[] language sql immutable strict parallel safe return HOME.KIND_terms($1)::real[];
      create cast (HOME.KIND as real[]) with function HOME.array_from_KIND(HOME.KIND) as implicit;

      create function HOME.KIND_distance(l double precision[], r double precision[], measure text) returns double precision
      language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $body$
      begin
        if cardinality(l) <> cardinality(r) then
          raise exception using
            errcode = 'data_exception', message = format('different KIND dimensions %s and %s', cardinality(l), cardinality(r));
        end if;
        return case measure
          when 'l2' then (select sqrt(sum((a - b) ^ 2)) from unnest(l, r) as pair (a, b))
          when 'l1' then (select sum(abs(a - b)) from unnest(l, r) as pair (a, b))
          when 'ip' then (select sum(a * b) from unnest(l, r) as pair (a, b))
          else (
            select coalesce(1 - sum(a * b) / nullif(sqrt(sum(a * a)) * sqrt(sum(b * b)), 0), 'NaN') from unnest(l, r) as pair (a, b)
          )
        end;
      end;
      $body$;
      create function HOME.l2_distance(HOME.KIND, HOME.KIND) returns double precision language sql immutable strict parallel safe
        return HOME.KIND_distance(HOME.KIND_terms($1), HOME.KIND_terms($2), 'l2');
      create function HOME.l1_distance(HOME.KIND, HOME.KIND) returns double precision language sql immutable strict parallel safe
        return HOME.KIND_distance(HOME.KIND_terms($1), HOME.KIND_terms($2), 'l1');
      create function HOME.inner_product(HOME.KIND, HOME.KIND) returns double precision language sql immutable strict parallel safe
        return HOME.KIND_distance(HOME.KIND_terms($1), HOME.KIND_terms($2), 'ip');
      create function HOME.KIND_negative_inner_product(HOME.KIND, HOME.KIND) returns double precision language sql immutable strict parallel safe
        return - HOME.inner_product($1, $2);
      create function HOME.cosine_distance(HOME.KIND, HOME.KIND) returns double precision language sql immutable strict parallel safe
        return HOME.KIND_distance(HOME.KIND_terms($1), HOME.KIND_terms($2), 'cosine');
      create function HOME.l2_norm(HOME.KIND) returns double precision language sql immutable strict parallel safe
        return sqrt(HOME.inner_product($1, $1));
      create operator HOME.<-> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.l2_distance, commutator = operator(HOME.<->));
      create operator HOME.<+> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.l1_distance, commutator = operator(HOME.<+>));
      create operator HOME.<#> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_negative_inner_product, commutator = operator(HOME.<#>));
      create operator HOME.<=> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.cosine_distance, commutator = operator(HOME.<=>));

      create function HOME.KIND_lt(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'bytealt';
      create function HOME.KIND_le(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'byteale';
      create function HOME.KIND_eq(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'byteaeq';
      create function HOME.KIND_ne(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'byteane';
      create function HOME.KIND_ge(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'byteage';
      create function HOME.KIND_gt(HOME.KIND, HOME.KIND) returns boolean language internal immutable strict parallel safe as 'byteagt';
      create function HOME.KIND_cmp(HOME.KIND, HOME.KIND) returns integer language internal immutable strict parallel safe as 'byteacmp';
      create function HOME.KIND_hash(HOME.KIND) returns integer language internal immutable strict parallel safe as 'hashvarlena';
      create operator HOME.< (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_lt, commutator = operator(HOME.>), negator = operator(HOME.>=));
      create operator HOME.<= (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_le, commutator = operator(HOME.>=), negator = operator(HOME.>));
      create operator HOME.= (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_eq, commutator = operator(HOME.=), negator = operator(HOME.<>), hashes, merges);
      create operator HOME.<> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_ne, commutator = operator(HOME.<>), negator = operator(HOME.=));
      create operator HOME.>= (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_ge, commutator = operator(HOME.<=), negator = operator(HOME.<));
      create operator HOME.> (leftarg = HOME.KIND, rightarg = HOME.KIND, function = HOME.KIND_gt, commutator = operator(HOME.<), negator = operator(HOME.<=));
      create operator class HOME.KIND_ops default for type HOME.KIND using btree as
        operator 1 HOME.<, operator 2 HOME.<=, operator 3 HOME.=, operator 4 HOME.>=, operator 5 HOME.>, function 1 HOME.KIND_cmp(HOME.KIND, HOME.KIND);
      create operator class HOME.KIND_ops default for type HOME.KIND using hash as operator 1 HOME.=, function 1 HOME.KIND_hash(HOME.KIND);
$sql$, 'KIND', kind), 'HOME', quote_ident(home));

    foreach source in array array['real', 'double precision', 'integer', 'numeric'] loop
      execute replace(replace(replace($sql$
        create function HOME.array_to_KIND(SOURCE[], integer, boolean) returns HOME.KIND language sql immutable strict parallel safe
          return HOME.KIND(concat('[', array_to_string($1, ','), ']')::HOME.KIND, $2, $3);
        create cast (SOURCE[] as HOME.KIND) with function HOME.array_to_KIND(SOURCE[], integer, boolean) as assignment;
$sql$, 'KIND', kind), 'SOURCE', source), 'HOME', quote_ident(home));
    end loop;

    foreach method in array array['hnsw', 'ivfflat'] loop
      foreach measure in array array['l2', 'ip', 'cosine', 'l1'] loop
        execute format(
          'create operator class %5$I.%1$s_%2$s_ops %3$s for type %5$I.%1$s using %4$s as operator 1 %5$I.=, function 1 %5$I.%1$s_hash(%5$I.%1$s)',
          kind, measure, case when method = 'ivfflat' and measure = 'l2' then 'default' end, method, home
        );
      end loop;
    end loop;
  end loop;

  execute format('create cast (%1$I.vector as %1$I.halfvec) with inout as assignment', home);
  execute format('create cast (%1$I.halfvec as %1$I.vector) with inout as implicit', home);
end
$stand_in$;
