using System.Globalization;
using System.Text.Json.Nodes;
using WhiteCross.Cli.Gateway;
using WhiteCross.Cli.Output;
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
    public static UndoableRetry Read(JsonNode document) => GatewayClient.As(document, CliJsonContext.Default.UndoableRetry);

    /// <summary>Asks, and retries.</summary>
    public async Task<int> RunAsync(Session session, bool isYes, CancellationToken cancellationToken)
    {
        var ids = Error is null ? null : await JobPages.ReadFailedAsync(session.Gateway, Queue, Error, AtOnce, cancellationToken)
            .Select(job => job["jobId"]!.GetValue<string>()).ToListAsync(cancellationToken);
        var count = ids?.Count ?? await CountAsync(session.Gateway, cancellationToken);
        var answers = new List<JsonNode>();
        if (count > 0)
        {
            await session.ConfirmAsync(isYes, $"Retry {Texts.Jobs(count, "failed ")} of {Queue}?", cancellationToken);
            var path = string.Create(CultureInfo.InvariantCulture, $"{GatewayClient.PathOf("queue", Queue, "failed", "retry")}?undoSeconds={UndoSeconds}");
            foreach (var body in Bodies(ids))
            {
                answers.Add(await session.Gateway.SendAsync(HttpMethod.Post, path, body, cancellationToken));
            }
        }

        Show(session, answers);
        return ExitCodes.Ok;
    }

    private static IEnumerable<HttpContent?> Bodies(IEnumerable<string>? ids) => ids is null
        ? [(HttpContent?)null]
        : ids.Chunk(AtOnce).Select(chunk => Content.Json(new JsonObject { ["jobIds"] = new JsonArray([.. chunk.Select(id => (JsonNode)id)]) }));

    private async Task<long> CountAsync(GatewayClient gateway, CancellationToken cancellationToken) =>
        GatewayClient.As(await gateway.GetAsync(GatewayClient.PathOf("queue", Queue, "metrics"), cancellationToken), JobsJsonContext.Default.QueueMetrics).Failed;

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
