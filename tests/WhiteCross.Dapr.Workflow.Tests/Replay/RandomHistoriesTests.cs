using CsCheck;
using Dapr.Workflow.Protocol;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class RandomHistoriesTests
{
    private const int MaxTurns = 200;

    [Fact]
    public void Whatever_happens_in_whatever_order_every_prefix_of_the_history_replays_to_the_same_decisions() =>
        Gen.Select(Step.Any.Array[1, 5], Gen.UInt).Sample(
            (steps, seed) =>
            {
                var workflow = new RandomWorkflow(steps);
                var instance = new TestInstance(workflow);
                var fresh = Drive(instance, workflow, new Random((int)seed));

                Assert.Equal(OrchestrationStatus.Completed, instance.End!.WorkflowStatus);

                // Each step was decided once as new, in the order in which the last replay went through all of them.
                Assert.Equal(workflow.Trace.Select(t => t.What), fresh);

                foreach (var (request, response) in instance.Turns)
                {
                    Assert.Equal(response, instance.Run(request, new RandomWorkflow(steps)));
                }

                RecordedHistory.AssertReplays(instance.History, new RandomWorkflow(steps));
            },
            iter: 300);

    private static List<string> Drive(TestInstance instance, RandomWorkflow workflow, Random random)
    {
        var fresh = new List<string>();
        var open = new List<WorkflowAction>();
        var isSuspended = false;
        var happened = new List<HistoryEvent>();
        for (var turn = 0; turn < MaxTurns; turn++)
        {
            workflow.Trace.Clear();
            var response = instance.Turn([.. happened]);
            fresh.AddRange(workflow.Trace.Where(t => !t.IsReplay).Select(t => t.What));
            if (instance.End is not null)
            {
                return fresh;
            }

            open.AddRange(response.Actions.Where(a => a.SendEvent is null));
            happened.Clear();
            for (var n = random.Next(1, 4); n > 0; n--)
            {
                if (open.Count > 0 && random.Next(4) > 0)
                {
                    var index = random.Next(open.Count);
                    happened.Add(Outcome(open[index], random));
                    open.RemoveAt(index);
                }
                else
                {
                    happened.Add(Raised($"E{random.Next(3)}", $"event {turn}"));
                }
            }

            // Resumed in the end, so that the instance gets to its end.
            if (isSuspended || random.Next(8) == 0)
            {
                happened.Insert(random.Next(happened.Count + 1), isSuspended ? Resumed() : Suspended());
                isSuspended = !isSuspended;
            }
        }

        return fresh;
    }

    private static HistoryEvent Outcome(WorkflowAction action, Random random) => action.WorkflowActionTypeCase switch
    {
        WorkflowAction.WorkflowActionTypeOneofCase.ScheduleTask => random.Next(3) == 0 ? Failed(action.Id) : Completed(action.Id, $"r{action.Id}"),
        WorkflowAction.WorkflowActionTypeOneofCase.CreateChildWorkflow =>
            random.Next(3) == 0 ? ChildFailed(action.Id) : ChildCompleted(action.Id, $"c{action.Id}"),
        _ => Fired(action.Id),
    };
}
