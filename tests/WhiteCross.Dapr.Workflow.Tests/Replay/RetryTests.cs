using Dapr.Workflow;
using static WhiteCross.Dapr.Workflow.Tests.Replay.TestInstance;

namespace WhiteCross.Dapr.Workflow.Tests.Replay;

public sealed class RetryTests
{
    [Fact]
    public void Pauses_grow_by_the_coefficient_up_to_the_cap_and_the_last_failure_is_thrown()
    {
        var policy = new WorkflowRetryPolicy(5, TimeSpan.FromSeconds(2), 3, maxRetryInterval: TimeSpan.FromSeconds(10));
        var instance = Of<object?, int>((context, _) => context.CallActivityAsync<int>("A", options: new WorkflowTaskOptions(policy)));
        var call = Assert.Single(instance.Turn().Actions);
        var pauses = new List<double>();
        for (var attempt = 1; attempt < 5; attempt++)
        {
            var failedAt = instance.Now;
            var timer = Assert.Single(instance.Turn(Failed(call.Id, $"attempt {attempt}")).Actions);
            Assert.Equal(call.ScheduleTask.TaskExecutionId, timer.CreateTimer.ActivityRetry.TaskExecutionId);
            pauses.Add((timer.CreateTimer.FireAt.ToDateTime() - failedAt).TotalSeconds);
            instance.Now = timer.CreateTimer.FireAt.ToDateTime();
            var next = Assert.Single(instance.Turn(Fired(timer.Id)).Actions);
            Assert.NotEqual(call.Id, next.Id);
            Assert.NotEqual(call.ScheduleTask.TaskExecutionId, next.ScheduleTask.TaskExecutionId);
            call = next;
        }

        Assert.Equal([2, 6, 10, 10], pauses);
        instance.Turn(Failed(call.Id, "attempt 5"));
        Assert.Equal("Task failed: attempt 5", instance.End!.FailureDetails.ErrorMessage);
    }

    [Fact]
    public void A_retry_that_succeeds_gives_its_result()
    {
        var policy = new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1));
        var instance = Of<object?, int>((context, _) => context.CallActivityAsync<int>("A", options: new WorkflowTaskOptions(policy)));
        instance.Turn();
        instance.Turn(Failed(0));
        instance.Turn(Fired(1));
        instance.Turn(Completed(2, 42));
        Assert.Equal("42", instance.End!.Result);
    }

    [Fact]
    public void No_attempt_begins_after_the_timeout_of_all_retries()
    {
        var policy = new WorkflowRetryPolicy(100, TimeSpan.FromSeconds(10), retryTimeout: TimeSpan.FromSeconds(15));
        var instance = Of<object?, int>((context, _) => context.CallActivityAsync<int>("A", options: new WorkflowTaskOptions(policy)));
        instance.Turn();
        instance.Now = Start.AddSeconds(5);
        Assert.NotNull(Assert.Single(instance.Turn(Failed(0)).Actions).CreateTimer);
        instance.Turn(Fired(1));
        instance.Now = Start.AddSeconds(15);
        instance.Turn(Failed(2));
        Assert.NotNull(instance.End!.FailureDetails);
    }

    [Fact]
    public void A_failure_that_a_retry_cannot_help_is_not_retried()
    {
        var policy = new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1));
        var instance = Of<object?, int>((context, _) => context.CallActivityAsync<int>("A", options: new WorkflowTaskOptions(policy)));
        instance.Turn();
        instance.Turn(Failed(0, isFinal: true));
        Assert.NotNull(instance.End!.FailureDetails);
    }

    [Fact]
    public void A_child_is_retried_under_its_own_id_when_it_has_one()
    {
        var options = new ChildWorkflowTaskOptions("child-1", new WorkflowRetryPolicy(2, TimeSpan.FromSeconds(1)));
        var instance = Of<object?, int>((context, _) => context.CallChildWorkflowAsync<int>("Child", options: options));
        instance.Turn();
        var timer = Assert.Single(instance.Turn(ChildFailed(0)).Actions).CreateTimer;
        Assert.Equal("child-1", timer.ChildWorkflowRetry.InstanceId);
        Assert.Equal("child-1", Assert.Single(instance.Turn(Fired(1)).Actions).CreateChildWorkflow.InstanceId);
        instance.Turn(ChildCompleted(2, 9));
        Assert.Equal("9", instance.End!.Result);
    }

    [Theory]
    [InlineData(0, 1, 1, null, null, "maxNumberOfAttempts")]
    [InlineData(1, 0, 1, null, null, "firstRetryInterval")]
    [InlineData(1, 1, 0.5, null, null, "backoffCoefficient")]
    [InlineData(1, 1, double.NaN, null, null, "backoffCoefficient")]
    [InlineData(1, 7200, 1, null, null, "maxRetryInterval")]
    [InlineData(1, 10, 1, 5, null, "maxRetryInterval")]
    [InlineData(1, 10, 1, null, 5, "retryTimeout")]
    public void A_policy_that_makes_no_sense_names_its_wrong_value(int attempts, int first, double coefficient, int? max, int? timeout, string wrong)
    {
        var thrown = Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(
            attempts,
            TimeSpan.FromSeconds(first),
            coefficient,
            max is { } m ? TimeSpan.FromSeconds(m) : null,
            timeout is { } t ? TimeSpan.FromSeconds(t) : null));
        Assert.Equal(wrong, thrown.ParamName);
    }
}
