using System.Diagnostics;
using Dapr.Common.Serialization;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Replay;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Answers activity calls: finds the activity, makes it in a scope of its own, and runs it.</summary>
internal sealed partial class ActivityRunner(
    WorkflowRuntimeOptions options, IServiceScopeFactory scopes, IDaprSerializer serializer, ILogger<ActivityRunner> logger)
{
    private static readonly ActivitySource Traces = new("Dapr.Workflow");

    /// <summary>Runs an activity. Every failure is an answer.</summary>
    public async Task<ActivityResponse> RunAsync(ActivityRequest request)
    {
        var instanceId = request.WorkflowInstance?.InstanceId ?? "";
        var response = new ActivityResponse { InstanceId = instanceId, TaskId = request.TaskId };
        if (!options.Activities.TryGetValue(request.Name, out var create))
        {
            LogNotRegistered(request.Name, instanceId);
            response.FailureDetails = new TaskFailureDetails
            {
                ErrorType = Failures.ActivityNotFound,
                ErrorMessage = $"Activity '{request.Name}' is not registered in this app: register it in AddDaprWorkflow, or check the name it is called by.",
                StackTrace = "",
            };
            return response;
        }

        using var trace = StartTrace(request, instanceId);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var activity = create(scope.ServiceProvider);
            var input = Inputs.Read(serializer, request.Input, activity.InputType);
            var context = new ActivityContextOfCall(request.Name, request.TaskExecutionId, instanceId);
            response.Result = Inputs.Write(serializer, await activity.RunAsync(context, input));
        }
#pragma warning disable CA1031 // Whatever the activity throws is its answer.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            trace?.SetStatus(ActivityStatusCode.Error);
            LogFailed(request.Name, instanceId, failure.GetType().FullName);
            response.FailureDetails = Failures.ToWire(failure);
        }

        return response;
    }

    private static System.Diagnostics.Activity? StartTrace(ActivityRequest request, string instanceId)
    {
        ActivityContext.TryParse(request.ParentTraceContext?.TraceParent, request.ParentTraceContext?.TraceState, isRemote: true, out var parent);
        var trace = Traces.StartActivity($"activity {request.Name}", ActivityKind.Server, parent);
        trace?.SetTag("dapr.workflow.instance_id", instanceId);
        trace?.SetTag("dapr.workflow.task_id", request.TaskId);
        return trace;
    }

    [LoggerMessage(LogLevel.Error, "Activity {Activity}, called by instance {InstanceId}, is not registered in this app; the call fails")]
    private partial void LogNotRegistered(string activity, string instanceId);

    [LoggerMessage(LogLevel.Warning, "Activity {Activity}, called by instance {InstanceId}, failed ({ErrorType})")]
    private partial void LogFailed(string activity, string instanceId, string? errorType);
}
