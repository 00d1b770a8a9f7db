namespace WhiteCross.Cli.Gateway;

/// <summary>A batch, as the gateway answers it.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="JobId">Its job.</param>
/// <param name="Status">sending, completed, cancelled or failed.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="RecipientCount">How many recipients it has.</param>
/// <param name="ProcessedCount">How many have been dealt with.</param>
/// <param name="Delivered">Messages that were delivered.</param>
/// <param name="Failed">Messages that could not be sent or delivered.</param>
/// <param name="OnTheWay">Messages that were sent and are not delivered yet.</param>
/// <param name="StartedAt">When sending began.</param>
/// <param name="EndedAt">When sending ended.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record BatchView(
    Guid BatchId,
    string JobId,
    string Status,
    BatchWorkflow Workflow,
    int RecipientCount,
    int ProcessedCount,
    int Delivered,
    int Failed,
    int OnTheWay,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Reason)
{
    /// <summary>Whether nothing of it will change any more.</summary>
    public bool HasEnded => Status != "sending" && OnTheWay == 0;

    /// <summary>Whether anything of it did not reach whom it was for.</summary>
    public bool HasFailed => Status is "failed" or "cancelled" || Failed > 0;

    /// <summary>Its status in words.</summary>
    public string Shown => Status == "sending" && Workflow.Status == "suspended" ? "paused" : Status;
}

/// <summary>A batch's workflow.</summary>
/// <param name="Status">Its state in Dapr's words.</param>
internal sealed record BatchWorkflow(string Status);

/// <summary>A page of a batch's recipients.</summary>
/// <param name="Recipients">The recipients.</param>
/// <param name="NextCursor">Where the next page begins.</param>
internal sealed record RecipientPage(IReadOnlyList<BatchRecipientState> Recipients, string? NextCursor);

/// <summary>A recipient of a batch.</summary>
/// <param name="RecipientId">The recipient.</param>
/// <param name="JobId">The job that sends its message.</param>
/// <param name="State">notSent, onTheWay, delivered or failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record BatchRecipientState(Guid RecipientId, string JobId, string State, string? Error);
