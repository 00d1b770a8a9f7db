#!/usr/bin/env bash
# Do the tests notice when the system is broken? Makes a copy of the repository with deliberate breaks in it (mutants), each asleep until the
# environment variable WHITECROSS_MUTANT names it; builds the copy once; and runs for each mutant the tests that should catch it. Prints which test
# caught which, and fails when one survives. The repository itself holds no mutant: what is built from it is what is read.
#   tests/mutants.sh [NAME…]        all, or those named
set -euo pipefail
cd "$(dirname "$0")/.."

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$copy"

# Replaces a text that must be in a file exactly once, so that a mutant does not go stale unseen.
replace() { # file old new
  [ "$(FILE="$copy/$1" OLD="$2" perl -0e 'open F, $ENV{FILE}; $_ = <F>; $n = () = /\Q$ENV{OLD}\E/g; print $n')" = 1 ] ||
    { echo "$1 does not have this exactly once, so that the mutant cannot be made: $2" >&2; exit 2; }
  OLD="$2" NEW="$3" perl -0pi -e 's/\Q$ENV{OLD}\E/$ENV{NEW}/' "$copy/$1"
}

names=() projects=() filters=()
# mutant NAME FILE OLD NEW PROJECT TEST: in NEW, ON stands for "this mutant is awake".
mutant() {
  local on="global::WhiteCross.Jobs.Mutants.On(\"$1\")"
  [[ $2 != *.lua ]] || on="mutant == '$1'"
  replace "$2" "$3" "${4//ON/$on}"
  names+=("$1") projects+=("$5") filters+=("$6")
}

# How a mutant is woken: in C# by name, in Lua by a line in front of every script.
cat >"$copy/src/WhiteCross.Jobs/Mutants.cs" <<'CS'
namespace WhiteCross.Jobs;

/// <summary>Deliberate breaks.</summary>
public static class Mutants
{
    /// <summary>The one that is awake.</summary>
    public static string? Awake { get; } = Environment.GetEnvironmentVariable("WHITECROSS_MUTANT");

    /// <summary>Whether it is this one.</summary>
    /// <param name="name">Its name.</param>
    public static bool On(string name) => name == Awake;
}
CS
replace src/WhiteCross.Jobs.Redis/QueueScript.cs 'var text = new StringBuilder();' \
  'var text = new StringBuilder("local mutant = '\''" + WhiteCross.Jobs.Mutants.Awake + "'\''\n");'

worker=src/WhiteCross.Jobs/Running
scripts=src/WhiteCross.Jobs.Redis/Scripts
maintenance=src/WhiteCross.Jobs.Dapr/Maintaining/QueueMaintenance.cs
publishing=src/WhiteCross.Jobs.Dapr/Publishing
delivering=src/WhiteCross.Jobs.Dapr/Delivering

mutant no-fencing-check $scripts/write.lua "job[2] == token" "(ON or job[2] == token)" \
  Jobs.Redis.Tests '*A_woken_zombie_is_refused_in_every_write'
mutant two-runs-at-once $scripts/begin.lua "elseif state == 'a' then" "elseif state == 'a' and not (ON) then" \
  Jobs.Redis.Tests '*A_job_that_runs_does_not_begin_again_however_often_its_event_comes'
mutant completed-runs-again $scripts/begin.lua "elseif state == 'c' or state == 'f' then" "elseif (state == 'c' or state == 'f') and not (ON) then" \
  Jobs.Redis.Tests '*Ended_jobs_do_not_run_again_also_when_only_a_tombstone_is_left'
mutant tombstone-ignored $scripts/prelude.lua "if keep_until and tonumber(keep_until) <= now then" "if keep_until and (ON or tonumber(keep_until) <= now) then" \
  Jobs.Redis.Tests '*Ended_jobs_do_not_run_again_also_when_only_a_tombstone_is_left'
mutant same-id-added-twice $scripts/add.lua "elseif known[n] then" "elseif known[n] and not (ON) then" \
  Jobs.Redis.Tests '*The_same_id_again_changes_nothing'
mutant attempts-not-counted $scripts/finish.lua "set(id, 'made', text(made)," "set(id, 'made', text(made - (ON and 1 or 0))," \
  Jobs.Redis.Tests '*A_failed_attempt_waits_its_back_off_and_costs_an_attempt'
mutant one-attempt-too-many $scripts/finish.lua "made >= max_attempts_of(spec)" "made - (ON and 1 or 0) >= max_attempts_of(spec)" \
  Jobs.Redis.Tests '*A_last_attempt_that_asks_for_another_fails_for_good'
mutant stall-costs-nothing $scripts/recover-stalled.lua "local made = text(tonumber(job[2] or 0) + 1)" "local made = text(tonumber(job[2] or 0) + (ON and 0 or 1))" \
  Jobs.Redis.Tests '*A_stalled_job_waits_again_at_once_and_the_stall_costs_an_attempt'
mutant steps-not-stored $scripts/report.lua "if ARGV[i + 4] == '1' then" "if ARGV[i + 4] == '1' and not (ON) then" \
  Jobs.Redis.Tests '*A_retried_job_has_all_its_attempts_before_it_and_keeps_its_finished_steps'
mutant pause-ignored $scripts/begin.lua "elseif state and is_paused() then" "elseif state and is_paused() and not (ON) then" \
  Jobs.Redis.Tests '*A_pause_lets_runs_end_and_begins_none'
mutant trim-removes-pending $scripts/lane-trim.lua "local needed = pending and pending[1]" "local needed = not (ON) and pending and pending[1]" \
  Jobs.Redis.Tests '*Trimming_removes_what_every_group_has_acknowledged_and_keeps_what_is_pending_or_unread'
mutant pending-events-overlooked $scripts/lane-marks.lua "if entry[3] < tonumber(ARGV[2]) then" "if entry[3] < tonumber(ARGV[2]) and not (ON) then" \
  Jobs.Redis.Tests '*The_oldest_pending_entry_is_the_mark_however_much_was_read_after_it'
mutant dead-sidecars-events-never-taken $scripts/lane-marks.lua "while last and from do" "while last and from do if ON then ARGV[2] = '1000000000' end" \
  Jobs.Redis.Tests '*What_was_read_long_ago_counts_as_taken_however_much_of_it_there_is'
mutant arrivals-not-held $scripts/receive.lua "put('outbox', id, hold_until)" "if not (ON) then put('outbox', id, hold_until) end" \
  Jobs.Redis.Tests '*What_has_arrived_is_held_for_the_lease_and_then_handed_out'
mutant holds-outlive-the-wait $scripts/hold.lua "if held[n] then" "if held[n] or ON then" \
  Jobs.Redis.Tests '*A_job_that_begins_is_held_no_more'

mutant run-lost-with-its-answer $scripts/begin.lua "job[9] ~= token .. ' ' .. holder" "(ON or job[9] ~= token .. ' ' .. holder)" \
  Jobs.Redis.Tests '*A_call_that_was_repeated_since_its_answer_was_lost_leaves_what_one_call_leaves'
mutant run-given-to-anybody $scripts/begin.lua "holder == '' or begun[id] or" "not (ON) and (holder == '' or begun[id]) or not (ON) and" \
  Jobs.Redis.Tests '*Another_holder_does_not_get_the_run_and_the_same_one_gets_it_once_in_a_call'
mutant end-not-told-again $scripts/finish.lua "answered_before(id, token, kind) or 'l'" "not (ON) and answered_before(id, token, kind) or 'l'" \
  Jobs.Redis.Tests '*A_call_that_was_repeated_since_its_answer_was_lost_leaves_what_one_call_leaves'
mutant younger-debt-struck $scripts/prelude.lua "return score and (number == '0' or" "return score and (ON or number == '0' or" \
  Jobs.Redis.Tests '*An_event_that_came_to_be_owed_since_it_was_handed_out_is_not_struck_by_its_confirmation'
mutant report-taken-twice $scripts/write.lua "if number ~= '0' then" "if number ~= '0' and not (ON) then" \
  Jobs.Redis.Tests '*A_numbered_report_is_taken_once_and_so_is_what_goes_with_the_end'
mutant no-grace-after-a-gap $scripts/recover-stalled.lua "if swept and now - swept" "if swept and not (ON) and now - swept" \
  Jobs.Redis.Tests '*When_nobody_could_look_for_a_while_living_runs_get_the_time_to_renew_their_leases'
mutant half-written-jobs $scripts/prelude.lua "          put_back(written)" "          if not (ON) then put_back(written) end" \
  Jobs.Redis.Tests '*A_script_that_fails_in_its_middle_leaves_hashes_and_sets_that_say_the_same'
mutant lists-read-data $scripts/record.lua "if with_data then" "if with_data or ON then" \
  Jobs.Redis.Tests '*A_list_has_data_and_results_only_when_it_is_asked_for_them'
mutant endless-pages $scripts/record.lua "return page_bytes > PAGE_BYTES" "return not (ON) and page_bytes > PAGE_BYTES" \
  Jobs.Redis.Tests '*A_page_ends_before_it_is_too_large_and_the_next_one_goes_on'
mutant tombstone-lies $scripts/prelude.lua "return letter == 'r' and 'r' or 'f'" "return not (ON) and letter == 'r' and 'r' or 'f'" \
  Jobs.Redis.Tests '*A_tombstone_says_what_became_of_its_job_and_whether_it_had_the_same_data'
mutant clock-set-back-believed $scripts/recover-stalled.lua "if swept and now < swept then" "if swept and now < swept and not (ON) then" \
  Jobs.Redis.Tests '*A_clock_that_is_set_back_keeps_no_dead_run_and_no_owed_event_for_longer'
mutant gap-longer-than-a-lease src/WhiteCross.Jobs/Store/JobStoreRules.cs "=> lease * 0.75 < LongestSweepGap ?" "=> lease * 0.75 < LongestSweepGap && !ON ?" \
  Jobs.Tests '*With_a_short_lease_living_runs_get_the_time_to_renew_it_after_a_shorter_gap'
mutant may-not-ask-for-settings src/WhiteCross.Jobs.Redis/RedisJobStoreOptions.cs "AllowAdmin = true," "AllowAdmin = !WhiteCross.Jobs.Mutants.On(\"may-not-ask-for-settings\")," \
  Jobs.Redis.Tests '*A_Redis_that_evicts_is_warned_of_at_start_and_each_time_that_it_is_back'
mutant eviction-passed-over src/WhiteCross.Jobs.Redis/RedisConditions.cs "public bool MayEvict => EvictionPolicy != NoEviction;" "public bool MayEvict => EvictionPolicy != NoEviction && !ON;" \
  Jobs.Redis.Tests '*Readiness_says_that_Redis_may_evict_or_is_away_and_takes_nobody_out_of_service'
mutant unknown-called-nothing src/WhiteCross.Jobs.Redis/RedisGuard.cs "IsWithoutEffect = IsWithoutEffect(exception)," "IsWithoutEffect = ON || IsWithoutEffect(exception)," \
  Jobs.Redis.Tests '*The_answer_of_a_Redis_that_hangs_is_unknown_and_the_job_may_be_there'
mutant full-redis-stands-still src/WhiteCross.Jobs.Redis/RedisGuard.cs "when (mayRunWhenFull &&" "when (!ON && mayRunWhenFull &&" \
  Jobs.Redis.Tests '*A_Redis_without_memory_left_still_takes_what_ends_jobs_and_makes_room'
mutant leases-by-the-wall src/WhiteCross.Jobs/InMemory/InMemoryQueue.cs "private long Steady =>" "private long Steady => ON ? Score(Now) :" \
  Jobs.Tests '*InMemoryClockTests*'

mutant acknowledged-before-recorded $worker/Slots.cs "context.Runs[run.Run.Key] = run;" "context.Runs[run.Run.Key] = run; if (ON) { run.Delivery.Answer(DeliveryVerdict.Success); }" \
  Jobs.Tests '*QueueWorkerTests*'
mutant lease-never-renewed $worker/LeaseKeeper.cs "if (runs.Length > 0)" "if (runs.Length > 0 && !ON)" \
  Chaos.Tests '*ShortRunTests*'
mutant cancellation-ignored $worker/LeaseKeeper.cs "case LeaseState.CancelRequested:" "case LeaseState.CancelRequested when !ON:" \
  Jobs.Tests '*A_job_cancelled_from_elsewhere_stops_within_a_second'
mutant first-come-first-served $worker/PriorityGate.cs ">= JobPriority.Critical => 3," "_ when ON => 0, >= JobPriority.Critical => 3," \
  Jobs.Tests '*A_critical_job_runs_before_a_backlog_of_low_ones'
mutant shutdown-forgets-jobs $worker/QueueWorker.cs "run.Stop(StopCause.Shutdown);" "if (!ON) { run.Stop(StopCause.Shutdown); }" \
  Jobs.Tests '*A_drain_puts_running_and_waiting_jobs_back_without_costing_an_attempt'

mutant timeout-of-the-first-only $worker/RunTimeouts.cs "if (end < _rings)" "if (end < _rings && !(ON && _ends.Count > 1))" \
  Jobs.Tests '*Each_job_has_its_own_timeout_though_they_share_a_timer'
mutant timer-not-set-again $worker/RunTimeouts.cs "Ring(now, next);" "if (!ON) { Ring(now, next); }" \
  Jobs.Tests '*Each_job_has_its_own_timeout_though_they_share_a_timer'
mutant late-run-keeps-its-slot $worker/Slots.cs "recorder.End(run, AttemptRules.GivenBack(run.Run));
            gate.Release(1);" "recorder.End(run, AttemptRules.GivenBack(run.Run));
            if (!ON) { gate.Release(1); }" \
  Jobs.Tests '*A_run_that_begins_after_a_lease_was_over_is_given_back_unstarted'
mutant pump-sleeps-after-a-job $worker/Gate.cs "if (MostToBegin() > 0)" "if (MostToBegin() > 0 && !(ON && _held > 0))" \
  Jobs.Tests '*QueueWorkerTests*'

mutant parts-of-a-millisecond-spun-through $worker/WakeSignal.cs "Math.Ceiling(atMost.TotalMilliseconds)" "ON ? atMost.TotalMilliseconds : Math.Ceiling(atMost.TotalMilliseconds)" \
  Jobs.Tests '*Less_than_a_millisecond_is_waited_for_too'
mutant follower-swallowed-with-its-description $worker/Delivery.cs "(_stage == DeliveryStage.AtTheGate && Request.IfMissing is not null)" "(_stage == DeliveryStage.AtTheGate && Request.IfMissing is not null && !ON)" \
  Jobs.Tests '*HandingOverTests*'
mutant slot-not-given-back $worker/Slots.cs "run = gate.Next();" "run = ON ? null : gate.Next();" \
  Jobs.Tests '*A_scope_that_throws_costs_an_attempt_when_it_is_made_and_nothing_when_it_is_done_with'
mutant disposing-replaces-the-outcome $worker/Attempt.cs "LogDisposeFailed(context" "if (ON) { throw; } LogDisposeFailed(context" \
  Jobs.Tests '*A_scope_that_throws_costs_an_attempt_when_it_is_made_and_nothing_when_it_is_done_with'
mutant progress-kept-by-reference src/WhiteCross.Jobs/Handlers/JobReportLimits.cs "return element.Clone();" "return ON ? element : element.Clone();" \
  Jobs.Tests '*Progress_data_outlive_their_document'
mutant limits-not-said src/WhiteCross.Jobs/Handlers/JobReportLimits.cs "if (json.Length > JobLimits.ProgressDataBytes)" "if (json.Length > JobLimits.ProgressDataBytes && !ON)" \
  Jobs.Tests '*Limits_are_named_to_the_handler'
mutant one-step-too-many $worker/RunSteps.cs "if (!isKnown && known >= JobStoreRules.MaxSteps)" "if (!isKnown && known >= JobStoreRules.MaxSteps && !ON)" \
  Jobs.Tests '*The_step_after_the_last_one_has_no_effect_and_says_why'
mutant stuck-unseen $worker/RunWatch.cs "|| !run.IsInHandler ||" "|| ON || !run.IsInHandler ||" \
  Jobs.Tests '*A_handler_that_ignores_its_token_is_shown_as_stuck_and_its_attempt_ends_as_timed_out'
mutant lease-counted-from-the-answer $worker/RunWatch.cs "if (run.LeaseAge >= context.SafeLease)" "if (run.LeaseAge >= context.SafeLease && !ON)" \
  Jobs.Tests '*A_run_whose_lease_may_be_over_stops_by_its_own_clock_before_anybody_else_may_begin'
mutant begin-without-holder $worker/QueueWorker.cs "Holder = request.Holder ?? _context.NewHolder()" "Holder = ON ? null : request.Holder ?? _context.NewHolder()" \
  Jobs.Tests '*A_lost_answer_costs_neither_the_attempt_nor_a_second_effect'
mutant report-without-number $worker/RunReports.cs "Sequence = ++_sequence," "Sequence = ON ? 0 : ++_sequence," \
  Jobs.Tests '*Log_lines_of_failed_reports_come_once_and_in_order'
mutant step-given-up $worker/RunSteps.cs "run.NoteStoreTrouble();" "run.NoteStoreTrouble(); if (ON) { throw; }" \
  Jobs.Tests '*A_step_is_tried_until_it_is_on_record'
mutant timeout-charges-store-trouble $worker/AttemptRules.cs "StopCause.Timeout when facts.HadStoreTrouble" "StopCause.Timeout when facts.HadStoreTrouble && !ON" \
  Jobs.Tests '*A_step_of_a_run_whose_lease_is_over_gets_on_record_before_the_job_is_given_back'
mutant bad-end-not-set-apart $worker/Recorder.cs "if (!StorePause.IsOutage(exception) || failures == TriesTogether" "if ((!StorePause.IsOutage(exception) || failures == TriesTogether) && !ON" \
  Jobs.Tests '*One_end_that_the_store_cannot_take_is_set_apart_and_its_neighbours_end'
mutant end-given-up-with-its-lease $worker/Recorder.cs "if (context.Stopping.IsCancellationRequested)" "if (context.Stopping.IsCancellationRequested || ON)" \
  Jobs.Tests '*An_end_is_kept_beyond_its_lease_for_as_long_as_the_store_would_take_it'
mutant event-swallowed-at-the-end $worker/Delivery.cs "DeliveryStage.Beginning or DeliveryStage.Ending ||" "DeliveryStage.Beginning or DeliveryStage.Ending && !ON ||" \
  Jobs.Tests '*An_event_that_comes_between_the_record_and_its_answer_is_not_swallowed'
mutant snoozes-unbounded $worker/AttemptRules.cs "if (left <= TimeSpan.Zero)" "if (left <= TimeSpan.Zero && !ON)" \
  Jobs.Tests '*A_snooze_beyond_the_queues_time_is_an_attempt'
mutant snoozes-not-spaced $worker/AttemptRules.cs "var delay = Clamp(snooze.For, floor);" "var delay = Clamp(snooze.For, ON ? ShortestSnooze : floor);" \
  Jobs.Tests '*Snoozes_are_at_least_a_second_apart_grow_and_are_on_record'

mutant events-lost-at-stop $publishing/PublisherClosing.cs "announcer.CloseAsync(cancellationToken)" "(ON ? Task.CompletedTask : announcer.CloseAsync(cancellationToken))" \
  Jobs.Dapr.Tests '*Who_adds_waits_for_the_record_only_and_the_events_are_out_before_the_service_ends'
mutant confirmed-before-published $publishing/Announcer.cs "JobClaim[] published = [.. (failed.Count == 0 ? jobs : jobs.Except(failed)).Select(ClaimOf)];" \
  "if (ON) { failed = []; } JobClaim[] published = [.. (failed.Count == 0 ? jobs : jobs.Except(failed)).Select(ClaimOf)];" \
  Jobs.Dapr.Tests '*A_due_job_whose_event_could_not_be_published_stays_owed_without_the_reconcilers_help'
mutant no-deadline $publishing/JobEventPublisher.cs "new CancellationTokenSource(options.Value.Deadline, time)" "new CancellationTokenSource(ON ? TimeSpan.FromHours(1) : options.Value.Deadline, time)" \
  Jobs.Dapr.Tests '*A_sidecar_that_takes_connections_and_answers_nothing_hangs_no_add_and_what_was_added_runs_when_it_answers'
mutant one-job-an-event $publishing/EventSizes.cs "return (int)Math.Clamp(jobs, 1, Largest);" "return ON ? 1 : (int)Math.Clamp(jobs, 1, Largest);" \
  Jobs.Dapr.Tests '*A_bulk_is_announced_in_few_events'
mutant older-instances-overlooked $publishing/EventSizes.cs "if (workers.Any(worker => !worker.TakesManyJobs))" "if (workers.Any(worker => !worker.TakesManyJobs) && !ON)" \
  Jobs.Dapr.Tests '*While_an_older_instance_works_on_the_queue_events_name_one_job'
mutant new-id-at-each-delivery $delivering/JobEventIds.cs ": Of(JsonDigest.Of(received.Whole));" ": ON ? Guid.NewGuid().ToString() : Of(JsonDigest.Of(received.Whole));" \
  Jobs.Dapr.Tests '*An_event_without_a_usable_id_is_one_job_however_often_it_is_delivered'
mutant waiting-jobs-not-held $delivering/Arrivals.cs "await HoldAsync();" "if (!ON) { await HoldAsync(); }" \
  Jobs.Dapr.Tests '*Jobs_that_wait_here_are_nobody_elses_while_the_process_lives*'
mutant nothing-given-back $delivering/Arrivals.cs "if (overdue.Count == 0)" "if (overdue.Count == 0 || ON)" \
  Jobs.Dapr.Tests '*Two_instances_share_a_bulk_and_end_together'
mutant stalled-never-recovered $maintenance "var stalled = await" "var stalled = ON ? 0 : await" \
  Jobs.Dapr.Tests '*A_job_whose_process_died_is_recovered_within_its_lease_and_two_seconds'
mutant no-reconciler $maintenance "var found = await" "var found = ON ? 0 : await" \
  Jobs.Dapr.Tests '*A_job_whose_event_was_lost_gets_a_new_one'
mutant dead-letters-forgotten $publishing/DeadLetterPublisher.cs "await PublishAsync(queue, owed, cancellationToken);" "if (!ON) { await PublishAsync(queue, owed, cancellationToken); }" \
  Jobs.Dapr.Tests '*A_job_that_stalls_its_last_attempt_fails_and_its_dead_letter_is_published'

# Answers 0 when all tests passed, 1 when one failed, 2 when there was none or the run broke off.
run() { # project filter
  local status=0
  (cd "$copy/tests/WhiteCross.$1/bin/Debug/net10.0" && timeout -s KILL 300 dotnet exec "WhiteCross.$1.dll" --filter-method "$2" --no-ansi --no-progress) >"$copy/log" 2>&1 || status=$?
  case $status in 0) return 0 ;; 2) return 1 ;; *) return 2 ;; esac
}

echo "Building …"
wanted=()
for i in "${!names[@]}"; do
  if [ $# = 0 ] || [[ " $* " == *" ${names[i]} "* ]]; then wanted+=("${projects[i]}"); fi
done
for project in $(printf '%s\n' "${wanted[@]}" | sort -u); do
  dotnet build "$copy/tests/WhiteCross.$project" --nologo -v quiet -clp:ErrorsOnly >"$copy/log" || { cat "$copy/log" >&2; echo "The mutants do not compile." >&2; exit 2; }
done

survivors=0 tried=0
for i in "${!names[@]}"; do
  [ $# = 0 ] || [[ " $* " == *" ${names[i]} "* ]] || continue
  tried=$((tried + 1))
  # The test must be green without the mutant, or its redness tells nothing.
  if ! run "${projects[i]}" "${filters[i]}"; then
    cat "$copy/log" >&2
    echo "${names[i]}: ${projects[i]} ${filters[i]} is not green without it." >&2
    exit 2
  fi
  status=0
  WHITECROSS_MUTANT=${names[i]} run "${projects[i]}" "${filters[i]}" || status=$?
  case $status in
    0) survivors=$((survivors + 1)); printf '%-30s SURVIVED %s %s\n' "${names[i]}" "${projects[i]}" "${filters[i]}" ;;
    1) printf '%-30s caught by %s\n' "${names[i]}" "$(sed -nE 's/^failed ([^ (]+).*/\1/p' "$copy/log" | awk -F. '{print $(NF-1) "." $NF}' | sort -u | paste -sd ' ' -)" ;;
    *) cat "$copy/log" >&2; echo "${names[i]}: the run broke off." >&2; exit 2 ;;
  esac
done
echo "$tried mutants, $survivors survived"
[ $tried -gt 0 ] && [ $survivors = 0 ]
