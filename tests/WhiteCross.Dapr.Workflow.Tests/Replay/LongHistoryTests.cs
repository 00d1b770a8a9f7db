using System.Diagnostics;
using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Replay;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class LongHistoryTests
{
    [Fact]
    public void A_replay_takes_time_in_proportion_to_the_history()
    {
        const int Few = 4_000;
        const int Times = 8;
        Measure(Few);

        var few = Enumerable.Range(0, 3).Min(_ => Measure(Few));
        var many = Enumerable.Range(0, 3).Min(_ => Measure(Few * Times));

        // In proportion it is 8 times as long; a loop within the loop would make it 64 times.
        Assert.True(many < few * Times * 4, $"{Few} activities took {few.TotalMilliseconds} ms, {Few * Times} took {many.TotalMilliseconds} ms.");
    }

    private static TimeSpan Measure(int activities)
    {
        var request = new WorkflowRequest { InstanceId = "long" };
        request.PastEvents.Add(Begin());
        request.PastEvents.Add(new HistoryEvent { EventId = -1, ExecutionStarted = new ExecutionStartedEvent { Name = "Long", Input = $"{activities}" } });
        for (var i = 0; i < activities; i++)
        {
            request.PastEvents.Add(new HistoryEvent { EventId = i, TaskScheduled = new TaskScheduledEvent { Name = "A" } });
            if (i < activities - 1)
            {
                request.PastEvents.Add(Begin());
                request.PastEvents.Add(Completed(i, 1));
            }
        }

        request.NewEvents.Add(Begin());
        request.NewEvents.Add(Completed(activities - 1, 1));

        var start = Stopwatch.GetTimestamp();
        var response = WorkflowTurn.Run(request, "Long", new Long(), Serializer, NullLoggerFactory.Instance);
        var took = Stopwatch.GetElapsedTime(start);
        Assert.Equal($"{activities}", Assert.Single(response.Actions).CompleteWorkflow.Result);
        return took;
    }

    private static HistoryEvent Begin() => new() { EventId = -1, Timestamp = Timestamp.FromDateTime(Start), WorkflowStarted = new WorkflowStartedEvent() };

    private sealed class Long : Workflow<int, int>
    {
        public override async Task<int> RunAsync(WorkflowContext context, int input)
        {
            var sum = 0;
            for (var i = 0; i < input; i++)
            {
                sum += await context.CallActivityAsync<int>("A");
            }

            return sum;
        }
    }
}
