namespace WhiteCross.Sidecar.Workflows;

/// <summary>An instance at one moment, for the management API.</summary>
/// <param name="InstanceId">Its id.</param>
/// <param name="Name">Its workflow.</param>
/// <param name="Status">RUNNING, COMPLETED, CONTINUED_AS_NEW, FAILED, CANCELED, TERMINATED, PENDING, SUSPENDED or STALLED.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="LastUpdatedAt">When it last got on.</param>
/// <param name="Input">Its input.</param>
/// <param name="Output">Its output.</param>
/// <param name="CustomStatus">Its custom status.</param>
/// <param name="ErrorType">The type of the error that ended it.</param>
/// <param name="ErrorMessage">The message of that error.</param>
/// <param name="StackTrace">The stack trace of that error.</param>
public sealed record WorkflowSnapshot(
    string InstanceId,
    string Name,
    string Status,
    DateTimeOffset CreatedAt,
    DateTimeOffset LastUpdatedAt,
    string? Input,
    string? Output,
    string? CustomStatus,
    string? ErrorType,
    string? ErrorMessage,
    string? StackTrace);
