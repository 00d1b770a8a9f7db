using Dapr.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>Failures on the wire and in code.</summary>
internal static class Failures
{
    /// <summary>An unregistered workflow; the name is the official worker's.</summary>
    public const string WorkflowNotFound = "WorkflowNotFound";

    /// <summary>An unregistered activity; the name is the official worker's.</summary>
    public const string ActivityNotFound = "ActivityNotFoundException";

    private const int MaxInnerFailures = 10;
    private const int MaxStackTrace = 16 * 1024;
    private const string NonRetriableKey = "Dapr.Workflow.NonRetriable";

    /// <summary>An exception, for the wire. Stack traces are cut at 16 KiB: they are stored in the history.</summary>
    public static TaskFailureDetails ToWire(Exception exception, int depth = 0) => new()
    {
        ErrorType = exception.GetType().FullName ?? exception.GetType().Name,
        ErrorMessage = exception.Message,
        StackTrace = exception.StackTrace is { Length: > MaxStackTrace } trace ? trace[..MaxStackTrace] : exception.StackTrace ?? "",
        InnerFailure = exception.InnerException is { } inner && depth < MaxInnerFailures ? ToWire(inner, depth + 1) : null,
    };

    /// <summary>A failure from the wire.</summary>
    public static WorkflowTaskFailureDetails FromWire(TaskFailureDetails? details) => details is null
        ? new("Unknown", "The sidecar gave no details of the failure.")
        : new(details.ErrorType, details.ErrorMessage, string.IsNullOrEmpty(details.StackTrace) ? null : details.StackTrace);

    /// <summary>A retry would not help.</summary>
    public static void MarkNonRetriable(WorkflowTaskFailedException failure) => failure.Data[NonRetriableKey] = true;

    /// <summary>Whether a retry could help.</summary>
    public static bool IsRetriable(WorkflowTaskFailedException failure) => !failure.Data.Contains(NonRetriableKey);
}
