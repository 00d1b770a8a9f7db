namespace WhiteCross.BatchMessageSending;

/// <summary>Sentences that are said in more than one place.</summary>
internal static class BatchTexts
{
    public static string TakenByAnotherJob(Batch batch) => $"batchId: belongs to job '{batch.JobId}' already; choose another one, or leave it out.";
}
