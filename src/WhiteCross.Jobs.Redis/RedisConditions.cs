using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Looks at what of a Redis' settings endangers the queues, each time that it has been connected to, and says so: a server that evicts forgets jobs
/// under memory pressure, without a word.
/// </summary>
internal sealed partial class RedisConditions(IConnectionMultiplexer connection, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>What the servers that can be asked say, one that is full before others; null when none can.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<RedisSettings?> ReadAsync(CancellationToken cancellationToken)
    {
        RedisSettings? first = null;
        foreach (var server in connection.GetServers().OrderBy(server => server.IsConnected && server.IsReplica))
        {
            if (await ReadAsync(server, cancellationToken) is { } settings)
            {
                if (settings is { IsFull: true, IsReplica: false })
                {
                    return settings;
                }

                first ??= settings;
            }
        }

        return first;
    }

    /// <summary>Looks at every server of the queues: warns of what endangers jobs, each time; what is good to know is said once.</summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var server in connection.GetServers())
        {
            if (await ReadAsync(server, cancellationToken) is { } settings)
            {
                Tell(server.EndPoint, settings);
            }
        }
    }

    private static async Task<RedisSettings?> ReadAsync(IServer server, CancellationToken cancellationToken)
    {
        if (!server.IsConnected)
        {
            return null;
        }

        try
        {
            var fields = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var section in (string[])["memory", "persistence", "replication"])
            {
                var text = (string?)await server.ExecuteAsync("INFO", section).WaitAsync(cancellationToken) ?? string.Empty;
                foreach (var line in text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
                {
                    if (line.IndexOf(':', StringComparison.Ordinal) is var colon && colon > 0)
                    {
                        fields[line[..colon]] = line[(colon + 1)..];
                    }
                }
            }

            return new RedisSettings(
                fields.GetValueOrDefault("maxmemory_policy", RedisSettings.NoEviction),
                fields.GetValueOrDefault("aof_enabled") != "0",
                fields.GetValueOrDefault("role") == "slave")
            {
                IsFull = IsFull(fields),
                UsedRatio = NumberOf(fields, "maxmemory") is > 0 and var most ? UsedOf(fields) / (double)most : 0,
            };
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Not every user may ask for it (NOPERM), and a server may go while it is asked: then nothing can be said.
            return null;
        }
    }

    // As Redis itself reckons before it refuses a command: what it holds for replicas and its append-only file does not count.
    private static long UsedOf(Dictionary<string, string> fields) => NumberOf(fields, "used_memory") - NumberOf(fields, "mem_not_counted_for_evict");

    private static bool IsFull(Dictionary<string, string> fields) =>
        NumberOf(fields, "maxmemory") is > 0 and var most && UsedOf(fields) > most
        && !fields.GetValueOrDefault("maxmemory_policy", RedisSettings.NoEviction).StartsWith("allkeys-", StringComparison.Ordinal);

    private static long NumberOf(Dictionary<string, string> fields, string field) =>
        long.TryParse(fields.GetValueOrDefault(field), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private void Tell(EndPoint endPoint, RedisSettings settings)
    {
        if (!settings.IsReplica && settings.MayEvict)
        {
            LogEvicts(endPoint, settings.EvictionPolicy);
        }

        if (!settings.IsReplica && !settings.AppendsToFile && IsNews(endPoint, "appendonly"))
        {
            LogNotAppending(endPoint);
        }

        if (settings.IsReplica && connection.GetServers().Length == 1 && IsNews(endPoint, "replica"))
        {
            LogReplica(endPoint);
        }
    }

    private bool IsNews(EndPoint endPoint, string what)
    {
        lock (_lock)
        {
            return _told.Add($"{endPoint} {what}");
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis at {EndPoint} has maxmemory-policy {Policy}: when its memory is full it may evict keys, and with them jobs, without a word. Set it to noeviction: CONFIG SET maxmemory-policy noeviction, and the same in its configuration")]
    private partial void LogEvicts(EndPoint endPoint, string policy);

    [LoggerMessage(LogLevel.Information, "Redis at {EndPoint} has appendonly no: what was added since its last snapshot is lost when it crashes. Set appendonly yes to keep it")]
    private partial void LogNotAppending(EndPoint endPoint);

    [LoggerMessage(LogLevel.Information, "Redis at {EndPoint} is a replica and takes no writes: nothing can be added or run until it is made the master, or REDIS_HOST names the master")]
    private partial void LogReplica(EndPoint endPoint);
}

/// <summary>What matters of a server's settings.</summary>
/// <param name="EvictionPolicy">Its <c>maxmemory-policy</c>.</param>
/// <param name="AppendsToFile">Whether it keeps an append-only file.</param>
/// <param name="IsReplica">Whether it follows another.</param>
internal sealed record RedisSettings(string EvictionPolicy, bool AppendsToFile, bool IsReplica)
{
    /// <summary>The policy that the queues need: what does not fit is refused, and what is there stays.</summary>
    public const string NoEviction = "noeviction";

    /// <summary>Whether its memory is used up, so that it refuses what takes more.</summary>
    public bool IsFull { get; init; }

    /// <summary>How much of the memory that it may use is used; 0 where there is no limit.</summary>
    public double UsedRatio { get; init; }

    /// <summary>Whether it may forget what it was given.</summary>
    public bool MayEvict => EvictionPolicy != NoEviction;
}
