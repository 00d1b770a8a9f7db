using System.Globalization;

namespace WhiteCross.BatchMessageSending;

/// <summary>Sentences that are said in more than one place.</summary>
internal static class BatchTexts
{
    public static string Cancelled(int sent, int total, int recalled) => string.Create(
        CultureInfo.InvariantCulture, $"The batch was cancelled after {sent} of {total} recipients; {Messages(recalled)} recalled before a run had begun {(recalled == 1 ? "it" : "them")}.");

    private static string Messages(int count) => count == 1 ? "1 message was" : string.Create(CultureInfo.InvariantCulture, $"{count} messages were");

    public static string TakenByAnotherJob(Batch batch) => $"batchId: belongs to job '{batch.JobId}' already; choose another one, or leave it out.";
}
