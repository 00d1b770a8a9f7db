namespace WhiteCross.BatchMessageSending;

/// <summary>A batch, followed on to delivery.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="JobId">Its job.</param>
/// <param name="Status">How far its sending is: sending, completed, cancelled or failed.</param>
/// <param name="Workflow">Its workflow.</param>
/// <param name="RecipientCount">How many recipients it has.</param>
/// <param name="ProcessedCount">How many have been dealt with: sent to, or found that they cannot be.</param>
/// <param name="Delivered">Messages that were delivered.</param>
/// <param name="Failed">Messages that could not be sent or delivered.</param>
/// <param name="OnTheWay">Messages that were sent and are not yet delivered.</param>
/// <param name="FailedRecipients">The recipients of those that failed, a page of them.</param>
/// <param name="NextCursor">Where the next page of them begins; null at the end.</param>
/// <param name="StartedAt">When sending began.</param>
/// <param name="EndedAt">When sending ended.</param>
/// <param name="Reason">Why it failed.</param>
internal sealed record BatchView(
    Guid BatchId,
    string JobId,
    string Status,
    BatchWorkflowView Workflow,
    int RecipientCount,
    int ProcessedCount,
    int Delivered,
    int Failed,
    int OnTheWay,
    IReadOnlyList<RecipientView> FailedRecipients,
    string? NextCursor,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    string? Reason);

/// <summary>A batch's workflow.</summary>
/// <param name="InstanceId">Its instance's id.</param>
/// <param name="Status">Its state in Dapr's words; <c>forgotten</c> when the batch has ended and the instance was removed, <c>unknown</c> while the workflow engine does not answer.</param>
internal sealed record BatchWorkflowView(string InstanceId, string Status);

/// <summary>A recipient of a batch.</summary>
/// <param name="RecipientId">The recipient.</param>
/// <param name="JobId">The job that sends its message, on the queue message-delivery.</param>
/// <param name="State">notSent, onTheWay, delivered or failed.</param>
/// <param name="Error">Why it failed.</param>
internal sealed record RecipientView(Guid RecipientId, string JobId, string State, string? Error);

/// <summary>A page of recipients, in the batch's order.</summary>
/// <param name="Recipients">The recipients.</param>
/// <param name="NextCursor">Where the next page begins; null at the end.</param>
internal sealed record RecipientPage(IReadOnlyList<RecipientView> Recipients, string? NextCursor);
