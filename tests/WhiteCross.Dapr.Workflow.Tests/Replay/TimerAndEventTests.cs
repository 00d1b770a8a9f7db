using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class TimerAndEventTests
{
    [Fact]
    public void A_timer_counts_from_the_time_of_the_turn()
    {
        var instance = Of<object?, DateTime>(async (context, _) =>
        {
            await context.CreateTimer(TimeSpan.FromMinutes(5));
            return context.CurrentUtcDateTime;
        });

        var timer = Assert.Single(instance.Turn().Actions).CreateTimer;
        Assert.Equal(Start.AddMinutes(5), timer.FireAt.ToDateTime());
        Assert.Equal(CreateTimerAction.OriginOneofCase.CreateTimer, timer.OriginCase);
        instance.Now = Start.AddMinutes(5);
        instance.Turn(Fired(0));
        Assert.Equal("\"2026-01-02T03:09:05Z\"", instance.End!.Result);
    }

    [Fact]
    public void A_cancelled_timer_ends_the_wait_at_once()
    {
        var instance = Of<object?, string>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromHours(1), cancel.Token);
            await context.CallActivityAsync("A");
            cancel.Cancel();
            try
            {
                await timer;
                return "fired";
            }
            catch (TaskCanceledException)
            {
                return "cancelled";
            }
        });

        Assert.Equal(2, instance.Turn().Actions.Count);
        instance.Turn(Completed(1));
        Assert.Equal("\"cancelled\"", instance.End!.Result);
    }

    [Fact]
    public void Waiting_for_an_event_asks_the_sidecar_for_nothing()
    {
        var instance = Of<object?, int>((context, _) => context.WaitForExternalEventAsync<int>("approved"));
        Assert.Empty(instance.Turn().Actions);
        instance.Turn(Raised("something else", 1));
        Assert.Null(instance.End);
        instance.Turn(Raised("APPROVED", 5));
        Assert.Equal("5", instance.End!.Result);
    }

    [Fact]
    public void Events_are_kept_until_somebody_waits_and_the_oldest_wait_gets_the_oldest_event()
    {
        var instance = Of<object?, int[]>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            var first = context.WaitForExternalEventAsync<int>("e");
            var second = context.WaitForExternalEventAsync<int>("e");
            var third = context.WaitForExternalEventAsync<int>("e");
            return await Task.WhenAll(third, second, first);
        });

        instance.Turn(Raised("e", 1), Raised("E", 2));
        instance.Turn(Completed(0));
        Assert.Null(instance.End);
        instance.Turn(Raised("e", 3));
        Assert.Equal("[3,2,1]", instance.End!.Result);
    }

    [Fact]
    public void An_event_in_time_wins_over_the_timeout()
    {
        var instance = WaitWithTimeout();
        var timer = Assert.Single(instance.Turn().Actions).CreateTimer;
        Assert.Equal("approved", timer.ExternalEvent.Name);
        Assert.Equal(Start.AddHours(1), timer.FireAt.ToDateTime());
        instance.Turn(Raised("approved", 5));
        Assert.Equal("5", instance.End!.Result);
    }

    [Fact]
    public void A_timeout_cancels_the_wait_and_a_later_event_is_left_for_the_next()
    {
        var instance = WaitWithTimeout(thenWaitAgain: true);
        instance.Turn();
        instance.Turn(Fired(0));
        Assert.Null(instance.End);
        instance.Turn(Raised("approved", 6));
        Assert.Equal("-6", instance.End!.Result);
    }

    [Fact]
    public void An_event_that_came_before_needs_no_timer()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            return await context.WaitForExternalEventAsync<int>("approved", TimeSpan.FromHours(1));
        });

        instance.Turn(Raised("approved", 5));
        instance.Turn(Completed(0));
        Assert.Equal("5", instance.End!.Result);
        Assert.Single(instance.Last.Actions);
    }

    [Fact]
    public void A_wait_without_end_has_a_timer_at_the_end_of_time()
    {
        var instance = Of<object?, int>((context, _) => context.WaitForExternalEventAsync<int>("approved", Timeout.InfiniteTimeSpan));
        Assert.Equal("\"9999-12-31T23:59:59.999999999Z\"", Assert.Single(instance.Turn().Actions).CreateTimer.FireAt.ToString());
    }

    [Fact]
    public void A_cancelled_wait_does_not_swallow_an_event()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var given = context.WaitForExternalEventAsync<int>("e", cancel.Token);
            var kept = context.WaitForExternalEventAsync<int>("e");
            cancel.Cancel();
            return given.IsCanceled ? await kept : -1;
        });

        instance.Turn();
        instance.Turn(Raised("e", 3));
        Assert.Equal("3", instance.End!.Result);
    }

    [Fact]
    public void Sending_an_event_goes_on_without_waiting()
    {
        var instance = Of<object?, int>((context, _) =>
        {
            context.SendEvent("other", "hello", new { n = 1 });
            return Task.FromResult(1);
        });

        var actions = instance.Turn().Actions;
        Assert.Equal(("other", "hello", """{"n":1}"""), (actions[0].SendEvent.Instance.InstanceId, actions[0].SendEvent.Name, actions[0].SendEvent.Data));
        Assert.Equal("1", instance.End!.Result);
    }

    private static TestInstance WaitWithTimeout(bool thenWaitAgain = false) => Of<object?, int>(async (context, _) =>
    {
        try
        {
            return await context.WaitForExternalEventAsync<int>("approved", TimeSpan.FromHours(1));
        }
        catch (TaskCanceledException) when (thenWaitAgain)
        {
            return -await context.WaitForExternalEventAsync<int>("approved");
        }
    });
}
