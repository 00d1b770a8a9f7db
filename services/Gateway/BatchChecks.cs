using System.Globalization;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Gateway;

/// <summary>
/// Refuses a batch before it is a job if one of its messages cannot be rendered, as is done for uploads: each recipient is named with what is missing. Only batches with templates are asked for, and while
/// the batch service is away they are taken as they are: it looks again when the batch runs, before anything is sent.
/// </summary>
internal sealed class BatchChecks(BatchServiceClient batches, TimeProvider time)
{
    // Adding a job must not wait for somebody who is away.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, string[]> None = [];

    /// <summary>How long a request waits for the batch service, whatever it adds.</summary>
    public CancellationTokenSource BeginPatience() => new(Patience, time);

    /// <summary>What is wrong with a batch, by field; nothing for what is none, or cannot be looked at now.</summary>
    /// <param name="reading">The job.</param>
    /// <param name="patience">The request's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<IReadOnlyDictionary<string, string[]>> ErrorsOfAsync(JobReading reading, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        if (reading is not { IsValid: true, Job: BatchSendJob { RecipientsRef: null } job } || !HasTemplate(job))
        {
            return None;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await batches.CheckAsync(reading.Data, either.Token) is { } found ? ErrorsOf(job, found) : None;
        }
        catch (Exception exception) when (exception is BatchServiceAwayException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return None;
        }
    }

    /// <summary>What is wrong with a batch itself, by field: it begins with it.</summary>
    /// <param name="error">What is wrong.</param>
    internal static Dictionary<string, string[]> ErrorsOf(string error) => error.IndexOf(": ", StringComparison.Ordinal) is var end and > 0
        ? new Dictionary<string, string[]> { [$"data.{error[..end]}"] = [error[(end + 2)..]] }
        : new Dictionary<string, string[]> { ["data"] = [error] };

    private static bool HasTemplate(BatchSendJob job) =>
        job.TemplateId is not null || IsTemplate(job.Content) || (job.CustomizedMessages?.Any(message => IsTemplate(message.Content)) ?? false);

    private static bool IsTemplate(string? text) =>
        text is not null && (text.Contains("{{", StringComparison.Ordinal) || text.Contains("{%", StringComparison.Ordinal));

    private static Dictionary<string, string[]> ErrorsOf(BatchSendJob job, BatchUploadProblems found)
    {
        if (found.Error is { } error)
        {
            return ErrorsOf(error);
        }

        var places = new Dictionary<Guid, int>();
        for (var i = 0; i < job.RecipientIds.Count; i++)
        {
            places.TryAdd(job.RecipientIds[i], i);
        }

        var errors = found.Problems.ToDictionary(
            problem => string.Create(CultureInfo.InvariantCulture, $"data.recipientIds[{places.GetValueOrDefault(problem.RecipientId)}]"), problem => new[] { problem.Problem });
        if (found.Count > found.Problems.Count)
        {
            errors["data.recipientIds"] = [string.Create(CultureInfo.InvariantCulture, $"… and {found.Count - found.Problems.Count} more.")];
        }

        return errors;
    }
}
