using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Chaos.Tests;

/// <summary>The checker finds what must not be, and leaves alone what faults may cause.</summary>
public sealed class HistoryCheckerTests
{
    private const string Stalled = JobErrorCodes.Stalled;

    [Fact]
    public void A_job_that_ran_once_is_fine() =>
        Assert.Empty(new Story().Run("a", 1, 1, 2).Attempt(1, 2).Record(JobState.Completed, "a").Violations());

    [Fact]
    public void A_dead_run_may_be_followed_by_another() =>
        Assert.Empty(new Story().Run("a", 1, 1).Silent(1, 1.5).Run("b", 2, 4, 5, attempt: 2).Attempt(1, 3.9, Stalled).Attempt(4, 5).Record(JobState.Completed, "b").Violations());

    [Fact]
    public void A_frozen_run_may_wake_beside_its_successor_as_long_as_its_end_is_refused()
    {
        var story = new Story().Run("a", 1, 1, 4.8).Silent(1, 1.5, 4.6).Run("b", 2, 4, 5, attempt: 2).Attempt(1, 3.9, Stalled).Attempt(4, 5);
        Assert.Empty(story.Record(JobState.Completed, "b").Violations());
        Assert.Contains("is completed by run a, from which run b had taken it", Assert.Single(story.Record(JobState.Completed, "a").Violations()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_had_begun_before_its_process_froze_may_get_going_when_that_wakes() =>
        Assert.Empty(new Story().Silent(1, 1.5, 6).Run("b", 2, 4, 5, attempt: 2).Run("a", 1, 6.1, 6.2).Attempt(1.5, 3.9, Stalled).Attempt(4, 5).Record(JobState.Completed, "b").Violations());

    [Fact]
    public void A_run_whose_end_found_no_Redis_may_be_followed_by_another() =>
        Assert.Empty(new Story().Run("a", 1, 1, 2).RedisAway(1.5, 5).Run("b", 2, 6, 7, attempt: 2).Attempt(1, 5.5, Stalled).Attempt(6, 7).Record(JobState.Completed, "b").Violations());

    [Fact]
    public void A_lost_job_is_found() => Finds("was accepted and is not on record", new Story());

    [Fact]
    public void A_job_that_never_ends_is_found() => Finds("has not ended: it is Waiting", new Story().Record(JobState.Waiting));

    [Fact]
    public void Two_runs_at_once_are_found() =>
        Finds("runs a (process 1) and b (process 2) overlap", new Story().Run("a", 1, 1, 3).Run("b", 2, 2, 3).Attempt(1, 3).Record(JobState.Completed, "b"));

    [Fact]
    public void A_run_after_the_end_is_found() =>
        Finds("run b began after run a had completed", new Story().Run("a", 1, 1, 2).Run("b", 2, 5, 6).Attempt(1, 2).Record(JobState.Completed, "a"));

    [Fact]
    public void An_attempt_that_no_run_has_spent_is_found() =>
        Finds("an interruption cost an attempt", new Story().Run("a", 1, 1, 2, "stopped").Run("b", 2, 3, 4, attempt: 2).Attempt(1, 2, JobErrorCodes.Handler).Attempt(3, 4).Record(JobState.Completed, "b"));

    [Fact]
    public void A_stall_of_a_living_process_is_found() =>
        Finds("was called stalled while every process was well", new Story().Run("a", 1, 1, 2, "refused").Run("b", 2, 4, 5, attempt: 2).Attempt(1, 3.5, Stalled).Attempt(4, 5).Record(JobState.Completed, "b"));

    [Fact]
    public void A_sidecar_may_give_up_an_event_whose_job_is_then_replayed_but_not_many()
    {
        var story = new Story().Run("a", 1, 1, 2).Attempt(1, 2).Record(JobState.Completed, "a");
        Assert.Empty(story.GivenUp("job").Violations());
        Finds("sidecars gave up the events of 2 of 1 jobs", story.GivenUp("job", "another"));
    }

    [Fact]
    public void A_replay_counts_attempts_anew_and_one_too_many_is_still_found()
    {
        Assert.Empty(TwoAttempts().GivenUpAfter(1).Record(JobState.Completed, "b").Violations());
        Finds("made 2, and 2 are on record", TwoAttempts().Record(JobState.Completed, "b").GivenUpAfter(1));

        static Story TwoAttempts() => new Story().Run("a", 1, 1, 2, "retry").Attempt(1, 2, JobErrorCodes.Handler).Run("b", 1, 4, 5).Attempt(4, 5);
    }

    [Fact]
    public void A_job_whose_event_was_given_up_for_good_is_found() => Finds("ended as Failed with 0 of 4 attempts (undeliverable)", new Story().Record(JobState.Failed, error: JobErrorCodes.Undeliverable).GivenUp("job"));

    [Fact]
    public void A_slow_recovery_is_found() =>
        Finds("was taken back 6.5 s after", new Story().Run("a", 1, 1).Silent(1, 1.5).Run("b", 2, 9, 10, attempt: 2).Attempt(1, 8, Stalled).Attempt(9, 10).Record(JobState.Completed, "b"));

    [Fact]
    public void A_recovery_may_take_as_much_longer_as_the_machine_has_had_no_time() =>
        Assert.Empty(new Story().Run("a", 1, 1).Silent(1, 1.5).MachineBusy(3, 6).Run("b", 2, 9, 10, attempt: 2).Attempt(1, 8, Stalled).Attempt(9, 10).Record(JobState.Completed, "b").Violations());

    [Fact]
    public void An_attempt_too_many_is_found() =>
        Finds("ran attempt 5 of 4", new Story().Run("a", 1, 1, 2, attempt: 5).Attempt(1, 2).Record(JobState.Completed, "a"));

    [Fact]
    public void A_wrong_end_is_found() =>
        Finds("ended as Failed with 1 of 4 attempts (handler)", new Story().Run("a", 1, 1, 2, "retry").Attempt(1, 2, JobErrorCodes.Handler).Record(JobState.Failed, error: JobErrorCodes.Handler));

    [Fact]
    public void A_step_that_runs_again_is_found() =>
        Finds(
            "step 'first' ran again in run b",
            new Story(Behaviour.Steps).Run("a", 1, 1, 2, "retry").Step("a", 1, 1.2, "step").Step("a", 1, 1.4, "stepped")
                .Run("b", 2, 3, 4, attempt: 2).Step("b", 2, 3.2, "step").Attempt(1, 2, JobErrorCodes.Handler).Attempt(3, 4).Record(JobState.Completed, "b"));

    [Fact]
    public void An_effect_that_was_lost_is_found() =>
        Finds("its step 'second' has had no effect", new Story(Behaviour.Steps).Run("a", 1, 1, 2).Sent("a", 1.5).Attempt(1, 2).Record(JobState.Completed, "a"));

    [Fact]
    public void An_effect_that_was_had_twice_is_found_unless_the_process_died_before_it_could_say_so()
    {
        Finds("has had the effect of step 'first' twice, by run a and by run b", Twice());
        Assert.Empty(Twice().Silent(1, 1.5).Violations());
        Finds("has had the effect of step 'first' twice", Twice().Step("a", 1, 1.45, "stepped").Silent(1, 1.5));

        static Story Twice() => new Story(Behaviour.Steps).Run("a", 1, 1, 2, "refused").Sent("a", 1.4).Run("b", 2, 4, 5, attempt: 2).Sent("b", 4.2).Sent("b", 4.4, "second")
            .Attempt(1, 3.9, Stalled).Attempt(4, 5).Record(JobState.Completed, "b");
    }

    [Fact]
    public void Who_has_no_Redis_to_write_to_for_a_lease_counts_as_dead_and_who_has_none_for_a_moment_does_not()
    {
        Assert.Empty(Twice().CutOff(1.2, 3.5).Violations());
        Assert.Empty(Twice().RedisAway(1.2, 3.5).Violations());
        Finds("has had the effect of step 'first' twice", Twice(lease: 10).CutOff(1.2, 3.5));
        Finds("has had the effect of step 'first' twice", Twice(lease: 10).RedisAway(1.2, 3.5));

        static Story Twice(int lease = 2) => new Story(Behaviour.Steps, lease).Run("a", 1, 1, 2, "refused").Sent("a", 1.4).Run("b", 2, 4, 5, attempt: 2).Sent("b", 4.2).Sent("b", 4.4, "second")
            .Attempt(1, 3.9, Stalled).Attempt(4, 5).Record(JobState.Completed, "b");
    }

    [Fact]
    public void A_handler_that_ignores_its_token_may_go_on_beside_the_next_attempt()
    {
        Assert.Empty(Beside("ignored").Violations());
        Finds("run b began after run a had completed", Beside("completed"));

        static Story Beside(string outcome) => new Story(Behaviour.IgnoresItsToken).Run("a", 1, 1, 1.5, outcome).Run("b", 1, 7, 8, attempt: 2)
            .Attempt(1, 6.6, JobErrorCodes.Timeout).Attempt(7, 8).Record(JobState.Completed, "b");
    }

    [Fact]
    public void A_handler_that_ignores_its_token_may_complete_while_its_worker_waits_for_it_and_nobody_else_has_the_job()
    {
        Assert.Empty(Late("a").Violations());
        Finds("is completed by run a, from which run b had taken it", Late("a").Run("b", 2, 3, 4, attempt: 2));
        Finds("run b began after run a had completed", Late("a").Run("b", 2, 8, 9, attempt: 2));
        Finds("is completed by run c, which has not completed", Late("c"));

        static Story Late(string winner) => new Story(Behaviour.IgnoresItsToken).Run("a", 1, 1, 1.5, "ignored").EndAgain("a", 1, 7)
            .Attempt(1, 7).Record(JobState.Completed, winner);
    }

    [Fact]
    public void Counts_that_do_not_add_up_are_found()
    {
        var violations = new Story().Run("a", 1, 1, 2).Attempt(1, 2).Record(JobState.Completed, "a")
            .Violations(new QueueMetrics { Name = "q", Added = 3, Completed = 1, Waiting = 1 }, new QueueMetrics { Name = "q", Added = 2, Completed = 2 });
        Assert.Equal(["counts do not add up", "1 jobs were accepted, 2 were added"], violations.Select(violation => violation.Split(':')[0]));
    }

    private static void Finds(string what, Story story) => Assert.Contains(story.Violations(), violation => violation.Contains(what, StringComparison.Ordinal));
}
