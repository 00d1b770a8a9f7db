namespace Dapr.Workflow.Client;

/// <summary>How to run a workflow again from an event of its history.</summary>
public sealed class RerunWorkflowFromEventOptions
{
    /// <summary>The id of the new instance; null: the sidecar makes one.</summary>
    public string? NewInstanceId { get; set; }

    /// <summary>The new input of the event's activity or child workflow; used when <see cref="OverwriteInput"/> is set.</summary>
    public object? Input { get; set; }

    /// <summary>Whether <see cref="Input"/> replaces the recorded input. Default: false.</summary>
    public bool OverwriteInput { get; set; }
}
