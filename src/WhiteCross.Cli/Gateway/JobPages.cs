using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using WhiteCross.Jobs.Contracts;

namespace WhiteCross.Cli.Gateway;

/// <summary>The jobs of a queue as one sequence, however many the gateway gives at once.</summary>
internal static class JobPages
{
    private const int MostAtOnce = 1000;

    /// <summary>Reads jobs, newest first, without what they are about.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="filters">The API's filters; null for none.</param>
    /// <param name="atOnce">How many to ask for at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<JsonNode> ReadAsync(
        GatewayClient gateway, string queue, IReadOnlyList<(string Name, string? Value)> filters, int atOnce, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = string.Concat(filters.Where(filter => filter.Value is not null).Select(filter => $"&{filter.Name}={Uri.EscapeDataString(filter.Value!)}"));
        string? cursor = null;
        do
        {
            var path = string.Create(
                CultureInfo.InvariantCulture,
                $"{GatewayClient.PathOf("queue", queue, "jobs")}?data=false&limit={Math.Min(atOnce, MostAtOnce)}{query}{(cursor is null ? null : $"&cursor={Uri.EscapeDataString(cursor)}")}");
            var page = await gateway.GetAsync(path, cancellationToken);
            foreach (var job in page["jobs"]?.AsArray() ?? [])
            {
                yield return Content.Without(job!.DeepClone());
            }

            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);
    }

    /// <summary>Reads failed jobs.</summary>
    /// <param name="gateway">Where.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="error">What their error must hold; null: anything.</param>
    /// <param name="atOnce">How many to ask for at once.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IAsyncEnumerable<JsonNode> ReadFailedAsync(GatewayClient gateway, string queue, string? error, int atOnce, CancellationToken cancellationToken) =>
        ReadAsync(gateway, queue, [("state", "failed"), ("text", error)], atOnce, cancellationToken)
            // The gateway looks for the text in ids too.
            .Where(job => error is null || GatewayClient.As(job, JobsJsonContext.Default.JobRecord).Error?.Message.Contains(error, StringComparison.OrdinalIgnoreCase) == true);
}
