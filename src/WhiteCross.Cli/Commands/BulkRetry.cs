using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
using WhiteCross.Jobs.Client.Transport;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Commands;

/// <summary>Retries the failed jobs of a queue, at once or after a while in which it can be undone.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Error">What the jobs' errors must hold; null: anything.</param>
/// <param name="UndoSeconds">For how long it can be undone; 0: it runs at once.</param>
internal sealed record BulkRetry(string Queue, string? Error, int UndoSeconds)
{
    private const int AtOnce = 1000;

    /// <summary>A retry that the gateway holds.</summary>
    public static UndoableRetry Read(JsonNode document) => Answer.As(document, CliJsonContext.Default.UndoableRetry);

    /// <summary>Asks, and retries.</summary>
    public async Task<int> RunAsync(Session session, bool isYes, CancellationToken cancellationToken)
    {
        var ids = Error is null ? null : await JobListCommands.FailedAsync(session.Queues, Queue, Error, AtOnce, cancellationToken).Select(job => job.Value.JobId).ToListAsync(cancellationToken);
        var count = ids?.Count ?? (await session.Queues.MetricsAsync(Queue, cancellationToken)).Value.Failed;
        var answers = new List<JsonNode>();
        if (count > 0)
        {
            await session.ConfirmAsync(isYes, $"Retry {Texts.Jobs(count, "failed ")} of {Queue}?", cancellationToken);
            answers = await session.Queues.RetryFailedAsync(Queue, ids, UndoSeconds, cancellationToken).Select(answer => answer.Document).ToListAsync(cancellationToken);
        }

        Show(session, answers);
        return ExitCodes.Ok;
    }

    private void Show(Session session, List<JsonNode> answers)
    {
        var retried = answers.Sum(answer => answer["retried"]?.GetValue<int>() ?? 0);
        var held = answers.Where(answer => answer["id"] is not null).ToList();
        var document = new JsonObject { ["queue"] = Queue, ["retried"] = retried };
        if (UndoSeconds > 0)
        {
            document["held"] = new JsonArray([.. held]);
        }

        session.Screen.Answer(document, () => held.Count > 0 ? HeldSentence([.. held.Select(Read)], session) : $"Retried {Texts.Jobs(retried)} of {Queue}.");
    }

    private string HeldSentence(IReadOnlyList<UndoableRetry> held, Session session)
    {
        var count = held.Sum(retry => retry.Count);
        return $"""
            {Texts.Jobs(count, "failed ")} of {Queue} {(count == 1 ? "waits" : "wait")} again {Texts.Relative(held[^1].DueAt, session.Now)}. Until then:
              wc undo {string.Join(' ', held.Select(retry => retry.Id))}
            """;
    }
}
