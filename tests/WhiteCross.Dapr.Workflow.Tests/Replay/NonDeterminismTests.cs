using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class NonDeterminismTests
{
    private const string ErrorType = "Dapr.Workflow.Replay.NonDeterministicWorkflowException";

    [Theory]
    [InlineData("rename", "activity 'A'", "activity 'Renamed'")]
    [InlineData("timer", "activity 'A'", "a timer")]
    [InlineData("child", "activity 'A'", "child workflow 'A'")]
    [InlineData("event", "activity 'A'", "sending event 'A'")]
    [InlineData("wait", "activity 'A'", "nothing")]
    public void Code_that_parts_from_its_history_fails_the_workflow_and_names_the_place(string change, string recorded, string decided)
    {
        var now = "";
        var instance = Of<object?, int>(async (context, _) =>
        {
            switch (now)
            {
                case "rename":
                    await context.CallActivityAsync("Renamed");
                    break;
                case "timer":
                    await context.CreateTimer(TimeSpan.FromSeconds(1));
                    break;
                case "child":
                    await context.CallChildWorkflowAsync("A");
                    break;
                case "event":
                    context.SendEvent("other", "A", 1);
                    break;
                case "wait":
                    break;
                default:
                    await context.CallActivityAsync("A");
                    break;
            }

            await context.WaitForExternalEventAsync<int>("e");
            return 1;
        });

        instance.Turn();
        now = change;
        var failure = Assert.Single(instance.Turn(Completed(0)).Actions).CompleteWorkflow;
        Assert.Equal((OrchestrationStatus.Failed, ErrorType), (failure.WorkflowStatus, failure.FailureDetails.ErrorType));
        Assert.Contains($"action 0: the history has {recorded}, the code asked for {decided}.", failure.FailureDetails.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("IsPatched", failure.FailureDetails.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_that_awaits_something_else_fails_the_workflow_instead_of_hanging_it()
    {
        var never = new TaskCompletionSource();
        var instance = Of<object?, int>(async (_, _) =>
        {
            await never.Task;
            return 1;
        });

        var failure = Assert.Single(instance.Turn().Actions).CompleteWorkflow.FailureDetails;
        Assert.Equal(ErrorType, failure.ErrorType);
        Assert.Contains("would never go on", failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_context_refuses_another_thread()
    {
        WorkflowContext? leaked = null;
        var instance = Of<object?, int>(async (context, _) =>
        {
            leaked = context;
            return await context.CallActivityAsync<int>("A");
        });

        instance.Turn();
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(() => leaked!.CallActivityAsync("B"), TestContext.Current.CancellationToken));
        Assert.Contains("Task.Run", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => leaked!.NewGuid());
    }

    [Fact]
    public void Code_that_asks_for_no_context_stays_on_the_turns_thread()
    {
        var threads = new HashSet<int>();
        var instance = Of<object?, int>(async (context, _) =>
        {
            var result = 0;
            for (var i = 0; i < 3; i++)
            {
                result += await context.CallActivityAsync<int>("A").ConfigureAwait(false);
                threads.Add(Environment.CurrentManagedThreadId);
            }

            return result;
        });

        instance.Turn();
        for (var i = 0; i < 3; i++)
        {
            threads.Clear();
            instance.Turn(Completed(i, 1));
            Assert.Equal(Environment.CurrentManagedThreadId, Assert.Single(threads));
        }
    }

    [Fact]
    public void Yielding_is_deterministic()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            await Task.Yield();
            var result = await context.CallActivityAsync<int>("A");
            await Task.Yield();
            return result;
        });

        Assert.Single(instance.Turn().Actions);
        instance.Turn(Completed(0, 3));
        Assert.Equal("3", instance.End!.Result);
    }
}
