using Dapr.Workflow;
using Dapr.Workflow.Protocol;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class ActivityCallTests
{
    [Fact]
    public void A_call_is_one_action_and_its_result_goes_back_to_the_code()
    {
        var instance = Of<string, int>(async (context, word) => await context.CallActivityAsync<int>("Measure", new { word }) + 1, "dapr");

        var first = Assert.Single(instance.Turn().Actions);
        Assert.Equal(0, first.Id);
        Assert.Equal("Measure", first.ScheduleTask.Name);
        Assert.Equal("""{"word":"dapr"}""", first.ScheduleTask.Input);
        Assert.True(Guid.TryParse(first.ScheduleTask.TaskExecutionId, out _));

        instance.Turn(Completed(0, 4));
        Assert.Equal(OrchestrationStatus.Completed, instance.End!.WorkflowStatus);
        Assert.Equal("5", instance.End.Result);
    }

    [Fact]
    public void Input_null_is_null_in_JSON_and_an_empty_result_is_the_default()
    {
        var instance = Of<string?, string?>(async (context, input) =>
        {
            var number = await context.CallActivityAsync<int>("A");
            return number == 0 && input is null ? null : "wrong";
        });

        Assert.Equal("null", Assert.Single(instance.Turn().Actions).ScheduleTask.Input);
        instance.Turn(Completed(0));
        Assert.Equal("", instance.End!.Result);
    }

    [Fact]
    public void Completions_are_applied_one_by_one_and_each_lets_the_code_run_on()
    {
        var order = new List<string>();
        var instance = Of<object?, int>(async (context, _) =>
        {
            order.Clear();
            async Task BranchAsync(string name)
            {
                await context.CallActivityAsync(name);
                order.Add(name);
                await context.CallActivityAsync(name + "2");
                order.Add(name + "2");
            }

            await Task.WhenAll(BranchAsync("a"), BranchAsync("b"), BranchAsync("c"));
            return order.Count;
        });

        instance.Turn();
        var second = instance.Turn(Completed(2), Completed(0));
        Assert.Equal(["c2", "a2"], second.Actions.Select(a => a.ScheduleTask.Name));
        Assert.Equal([3, 4], second.Actions.Select(a => a.Id));
        instance.Turn(Completed(4), Completed(1), Completed(3));
        Assert.Equal(["c", "a", "a2", "b", "c2"], order);
        instance.Turn(Completed(5));
        Assert.Equal("6", instance.End!.Result);
    }

    [Fact]
    public void A_failed_activity_throws_with_the_failures_details()
    {
        WorkflowTaskFailedException? seen = null;
        var instance = Of<object?, string>(async (context, _) =>
        {
            try
            {
                await context.CallActivityAsync("A");
            }
            catch (WorkflowTaskFailedException failure)
            {
                seen = failure;
            }

            return "went on";
        });

        instance.Turn();
        instance.Turn(Failed(0, "no way"));
        Assert.Equal("Task failed: no way", seen!.Message);
        Assert.True(seen.FailureDetails.IsCausedBy<InvalidOperationException>());
        Assert.False(seen.FailureDetails.IsCausedBy<ArgumentException>());
        Assert.Equal("System.InvalidOperationException: no way", seen.FailureDetails.ToString());
        Assert.Equal("\"went on\"", instance.End!.Result);
    }

    [Fact]
    public void An_exception_that_leaves_the_code_fails_the_workflow_with_type_and_message()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            throw new ArgumentException("not like this", new FormatException("inner"));
        });

        instance.Turn();
        instance.Turn(Completed(0));
        var failure = instance.End!.FailureDetails;
        Assert.Equal(OrchestrationStatus.Failed, instance.End.WorkflowStatus);
        Assert.Equal(("System.ArgumentException", "not like this"), (failure.ErrorType, failure.ErrorMessage));
        Assert.Equal("System.FormatException", failure.InnerFailure.ErrorType);
        Assert.NotEmpty(failure.StackTrace);
    }

    [Fact]
    public void A_target_app_and_a_propagation_scope_go_along()
    {
        var instance = Of<object?, int>(async (context, _) =>
        {
            var options = new WorkflowTaskOptions(TargetAppId: "other").WithHistoryPropagation(global::Dapr.Workflow.HistoryPropagationScope.Lineage);
            await context.CallActivityAsync("A", null, options);
            return 0;
        });

        var action = Assert.Single(instance.Turn().Actions);
        Assert.Equal("other", action.Router.TargetAppID);
        Assert.Equal(global::Dapr.Workflow.Protocol.HistoryPropagationScope.Lineage, action.ScheduleTask.HistoryPropagationScope);
    }

    [Fact]
    public void A_completion_that_comes_twice_counts_once()
    {
        var instance = Of<object?, int>(async (context, _) =>
            await context.CallActivityAsync<int>("A") + await context.CallActivityAsync<int>("B"));

        instance.Turn();
        Assert.Equal("B", Assert.Single(instance.Turn(Completed(0, 1), Completed(0, 50)).Actions).ScheduleTask.Name);
        instance.Turn(Completed(1, 2));
        Assert.Equal("3", instance.End!.Result);
    }

    [Fact]
    public void A_child_gets_an_id_made_of_its_parents_and_its_failure_names_it()
    {
        var instance = Of<object?, string>(async (context, _) =>
        {
            await context.CallActivityAsync("A");
            try
            {
                return await context.CallChildWorkflowAsync<string>("Child", 7);
            }
            catch (WorkflowTaskFailedException failure)
            {
                return failure.Message;
            }
        });

        instance.Turn();
        var child = Assert.Single(instance.Turn(Completed(0)).Actions).CreateChildWorkflow;
        Assert.Equal(("instance-1:0001", "Child", "7"), (child.InstanceId, child.Name, child.Input));
        instance.Turn(ChildFailed(1));
        Assert.Equal("\"Child workflow \\u0027Child\\u0027 failed\"", instance.End!.Result);
    }

    [Fact]
    public void A_result_of_another_type_fails_the_workflow()
    {
        var instance = Of<object?, int>(async (context, _) => await context.CallActivityAsync<int>("A"));
        instance.Turn();
        instance.Turn(Completed(0, "text"));
        Assert.Equal("System.Text.Json.JsonException", instance.End!.FailureDetails.ErrorType);
    }

    [Fact]
    public void Many_at_a_time_keep_the_order_of_the_inputs_and_the_limit()
    {
        var instance = Of<object?, int[]>((context, _) =>
            context.ProcessInParallelAsync(Enumerable.Range(0, 5), n => context.CallActivityAsync<int>("Square", n), maxConcurrency: 2));

        Assert.Equal(["0", "1"], instance.Turn().Actions.Select(a => a.ScheduleTask.Input));
        Assert.Equal(["2"], instance.Turn(Completed(1, 1)).Actions.Select(a => a.ScheduleTask.Input));
        Assert.Equal(["3", "4"], instance.Turn(Completed(2, 4), Completed(0, 0)).Actions.Select(a => a.ScheduleTask.Input));
        instance.Turn(Completed(4, 16), Completed(3, 9));
        Assert.Equal("[0,1,4,9,16]", instance.End!.Result);
    }

    [Fact]
    public void Many_at_a_time_are_all_tried_before_the_failures_are_thrown()
    {
        var instance = Of<object?, string>(async (context, _) =>
        {
            try
            {
                await context.ProcessInParallelAsync(Enumerable.Range(0, 3), n => context.CallActivityAsync<int>("A", n), maxConcurrency: 1);
                return "none";
            }
            catch (AggregateException failures)
            {
                return $"{failures.InnerExceptions.Count}";
            }
        });

        instance.Turn();
        instance.Turn(Failed(0));
        instance.Turn(Completed(1));
        Assert.Null(instance.End);
        instance.Turn(Failed(2));
        Assert.Equal("\"2\"", instance.End!.Result);
    }
}
