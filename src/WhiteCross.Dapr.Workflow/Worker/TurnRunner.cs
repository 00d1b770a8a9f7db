using Dapr.Common.Serialization;
using Dapr.Workflow.Protocol;
using Dapr.Workflow.Replay;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Answers workflow turns: finds the workflow, makes it in a scope of its own, and runs the turn.</summary>
internal sealed partial class TurnRunner(
    WorkflowRuntimeOptions options,
    IServiceScopeFactory scopes,
    IDaprSerializer serializer,
    ILoggerFactory loggers,
    ILogger<TurnRunner> logger)
{
    /// <summary>Runs a turn. Every failure is an answer: a turn without one would hang its instance.</summary>
    public async Task<WorkflowResponse> RunAsync(WorkflowRequest request)
    {
        var name = WorkflowTurn.NameOf(request);
        if (name is null || !options.Workflows.TryGetValue(name, out var create))
        {
            LogNotRegistered(name ?? "(no name in the history)", request.InstanceId);
            return WorkflowTurn.Fail(request.InstanceId, new TaskFailureDetails
            {
                ErrorType = Failures.WorkflowNotFound,
                ErrorMessage = $"Workflow '{name}' is not registered in this app: register it in AddDaprWorkflow, or check the name it was scheduled by.",
                IsNonRetriable = true,
            });
        }

        await using var scope = scopes.CreateAsyncScope();
        IWorkflow workflow;
        try
        {
            workflow = create(scope.ServiceProvider);
        }
#pragma warning disable CA1031 // Whatever a constructor throws fails the workflow.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogCannotCreate(name, request.InstanceId, failure.GetType().FullName);
            return WorkflowTurn.Fail(request.InstanceId, Failures.ToWire(failure));
        }

        var response = WorkflowTurn.Run(request, name, workflow, serializer, loggers);
        foreach (var action in response.Actions)
        {
            if (action.CompleteWorkflow?.FailureDetails is { } details)
            {
                LogFailed(name, request.InstanceId, details.ErrorType);
            }
        }

        return response;
    }

    [LoggerMessage(LogLevel.Error, "Workflow {Workflow} of instance {InstanceId} is not registered in this app; the instance fails")]
    private partial void LogNotRegistered(string workflow, string instanceId);

    [LoggerMessage(LogLevel.Error, "Workflow {Workflow} of instance {InstanceId} could not be created ({ErrorType}); the instance fails")]
    private partial void LogCannotCreate(string workflow, string instanceId, string? errorType);

    [LoggerMessage(LogLevel.Warning, "Workflow {Workflow} of instance {InstanceId} failed ({ErrorType})")]
    private partial void LogFailed(string workflow, string instanceId, string errorType);
}
