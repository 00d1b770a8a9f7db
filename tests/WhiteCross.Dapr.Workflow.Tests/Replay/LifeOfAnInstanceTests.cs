using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Microsoft.Extensions.Logging;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class LifeOfAnInstanceTests
{
    [Fact]
    public void While_suspended_nothing_is_decided_and_afterwards_everything_is_made_up_for()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            context.SetCustomStatus("first");
            var one = await context.CallActivityAsync<int>("A");
            context.SetCustomStatus("second");
            await context.CreateTimer(TimeSpan.FromMinutes(1));
            return one;
        });

        instance.Turn();
        instance.Turn(Suspended());
        var during = instance.Turn(Completed(0, 7));
        Assert.Empty(during.Actions);
        Assert.Equal("\"first\"", during.CustomStatus);

        instance.Now = Start.AddHours(1);
        var after = instance.Turn(Resumed());
        Assert.Equal(Start.AddHours(1).AddMinutes(1), Assert.Single(after.Actions).CreateTimer.FireAt.ToDateTime());
        Assert.Equal("\"second\"", after.CustomStatus);
        instance.Turn(Fired(1));
        Assert.Equal("7", instance.End!.Result);
    }

    [Fact]
    public void What_was_decided_just_before_a_suspension_waits_for_its_end()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            await context.CallActivityAsync("B");
            return 1;
        });

        instance.Turn();
        Assert.Empty(instance.Turn(Completed(0), Suspended()).Actions);
        Assert.Equal("B", Assert.Single(instance.Turn(Resumed()).Actions).ScheduleTask.Name);
        instance.Turn(Completed(1));
        Assert.Equal("1", instance.End!.Result);
    }

    [Fact]
    public void Termination_ends_the_instance_with_the_given_output_also_while_suspended()
    {
        var instance = Of<object?, int>((context, _) => context.CallActivityAsync<int>("A"));
        instance.Turn();
        instance.Turn(Suspended());
        var action = Assert.Single(instance.Turn(Completed(0, 1), Terminated("\"enough\"")).Actions).CompleteWorkflow;
        Assert.Equal((OrchestrationStatus.Terminated, "\"enough\""), (action.WorkflowStatus, action.Result));
    }

    [Fact]
    public void The_custom_status_is_sent_in_every_turn_until_it_is_cleared()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            context.SetCustomStatus(new { Chunk = 1 });
            await context.CallActivityAsync("A");
            await context.CallActivityAsync("B");
            context.SetCustomStatus(null);
            await context.CallActivityAsync("C");
            return 0;
        });

        Assert.Equal("""{"chunk":1}""", instance.Turn().CustomStatus);
        Assert.Equal("""{"chunk":1}""", instance.Turn(Completed(0)).CustomStatus);
        Assert.Null(instance.Turn(Completed(1)).CustomStatus);
    }

    [Fact]
    public void Continuing_as_new_begins_an_empty_history_and_takes_along_what_nobody_waited_for()
    {
        var guids = new List<Guid>();
        var instance = Of<int, int>(async (context, n) =>
        {
            if (!context.IsReplaying)
            {
                guids.Add(context.NewGuid());
            }

            await context.CallActivityAsync("A", n);
            if (n < 2)
            {
                context.ContinueAsNew(n + 1);
                return 0;
            }

            return await context.WaitForExternalEventAsync<int>("e");
        }, 1);

        instance.Turn(Raised("e", 8));
        var again = Assert.Single(instance.Turn(Completed(0), Raised("E", 9)).Actions);
        Assert.Equal((1, OrchestrationStatus.ContinuedAsNew, "2"), (again.Id, again.CompleteWorkflow.WorkflowStatus, again.CompleteWorkflow.Result));
        Assert.Equal(["8", "9"], again.CompleteWorkflow.CarryoverEvents.Select(e => e.EventRaised.Input));

        Assert.Equal("2", Assert.Single(instance.Turn().Actions).ScheduleTask.Input);
        instance.Turn(Completed(0));
        Assert.Equal("8", instance.End!.Result);
        Assert.Equal(2, guids.Distinct().Count());
    }

    [Fact]
    public void Continuing_as_new_can_leave_events_behind()
    {
        var instance = Of<int, int>(async (context, n) =>
        {
            await context.CallActivityAsync("A");
            context.ContinueAsNew(n, preserveUnprocessedEvents: false);
            return 0;
        });

        instance.Turn(Raised("e"));
        Assert.Empty(Assert.Single(instance.Turn(Completed(0)).Actions).CompleteWorkflow.CarryoverEvents);
    }

    [Fact]
    public void Time_and_GUIDs_are_the_same_on_every_replay()
    {
        var seen = new List<(DateTime, Guid, Guid)>();
        var instance = Of<object?, int>(async (context, _) =>
        {
            seen.Add((context.CurrentUtcDateTime, context.NewGuid(), context.NewGuid()));
            await context.CallActivityAsync("A");
            await context.CallActivityAsync("B");
            return 0;
        });

        instance.Turn();
        instance.Turn(Completed(0));
        instance.Turn(Completed(1));
        Assert.Equal(3, seen.Count);
        Assert.Single(seen.Distinct());
        Assert.NotEqual(seen[0].Item2, seen[0].Item3);
        Assert.Equal(5, seen[0].Item2.Version);
        Assert.NotEqual(Guid.Empty, seen[0].Item2);
    }

    [Fact]
    public void A_replay_safe_logger_speaks_once()
    {
        var log = new ListLogger();
        var instance = Of<object?, int>(
            async (context, _) =>
            {
                var logger = context.CreateReplaySafeLogger("test");
                logger.LogInformation("begin");
                await context.CallActivityAsync("A");
                logger.LogInformation("half");
                await context.CallActivityAsync("B");
                logger.LogInformation("end");
                return 0;
            },
            loggers: log);

        instance.Turn();
        instance.Turn(Completed(0));
        instance.Turn(Completed(1));
        Assert.Equal(["begin", "half", "end"], log.Lines);
    }

    [Fact]
    public void A_patch_is_on_for_new_instances_and_stays_on()
    {
        var instance = Of<object?, bool>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            var isPatched = context.IsPatched("new-path");
            await context.CallActivityAsync(isPatched ? "New" : "Old");
            return isPatched && context.IsPatched("new-path");
        });

        Assert.Null(instance.Turn().Version);
        Assert.Equal(["new-path"], instance.Turn(Completed(0)).Version.Patches);
        Assert.Null(instance.Turn(Completed(1)).Version);
        Assert.Equal("true", instance.End!.Result);
    }

    [Fact]
    public void A_patch_is_off_for_an_instance_that_has_passed_it_without()
    {
        var isNewCode = false;
        var instance = Of<object?, string>(async (context, _) =>
        {
            var name = isNewCode && context.IsPatched("new-path") ? "New" : "Old";
            await context.CallActivityAsync(name);
            await context.CallActivityAsync("B");
            return name;
        });

        instance.Turn();
        isNewCode = true;
        Assert.Equal("B", Assert.Single(instance.Turn(Completed(0)).Actions).ScheduleTask.Name);
        instance.Turn(Completed(1));
        Assert.Equal("\"Old\"", instance.End!.Result);
    }

    private sealed class ListLogger : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider) => throw new InvalidOperationException("The list is the only place.");

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
