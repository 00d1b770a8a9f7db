using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using WhiteCross.Jobs.Store;
using WhiteCross.Testing;

namespace WhiteCross.Jobs.Redis.Tests;

/// <summary>What an operator reads of a Redis that goes and comes back, also of one that only hangs.</summary>
public sealed class RedisConnectionLogTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LogCollector _log = new();
    private readonly LoggerFactory _loggers;

    public RedisConnectionLogTests() => _loggers = new LoggerFactory([_log]);

    private ILogger<RedisConnectionLog> Logger => _loggers.CreateLogger<RedisConnectionLog>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public async Task An_outage_is_told_when_it_begins_each_half_minute_and_when_it_ends()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync(options => options.ReconnectRetryPolicy = new LinearRetry(50));
        RedisConnectionLog.Attach(connection, Logger, _time);

        await server.KillAsync();
        await Eventually.TrueAsync(() => Lines("is away:").Count == 1, Patience);
        await AdvanceUntilAsync(() => Lines("has been away for").Count == 2);
        var told = Lines("has been away for").Select(SecondsIn).ToList();
        Assert.True(told[0] >= 30 && told[1] >= told[0] + 30, string.Join(", ", told));
        await server.RestartAsync();
        await AdvanceUntilAsync(() => Lines("is back after").Count == 1);

        Assert.Single(Lines("is away:"));
        await server.KillAsync();
        await Eventually.TrueAsync(() => Lines("is away:").Count == 2, Patience); // The next one is told like the first.
    }

    [Fact]
    public async Task A_server_that_hangs_with_open_connections_is_told_of_by_the_calls_without_an_answer()
    {
        await using var server = await RedisServer.StartLocalAsync();
        await using var connection = await server.ConnectAsync(options => options.AsyncTimeout = options.SyncTimeout = 300);
        RedisConnectionLog.Attach(connection, Logger, _time);
        var script = new RedisScript("one", "return 1");

        server.Pause();
        try
        {
            await Assert.ThrowsAsync<JobStoreUnavailableException>(() => RedisGuard.RunAsync(connection.GetDatabase(), script, [], [], Cancel));
            await Eventually.TrueAsync(() => Lines("is away:").Count == 1, Patience);
        }
        finally
        {
            server.Continue();
        }

        await AdvanceUntilAsync(() => Lines("is back after").Count == 1);
        Assert.Equal(1, (int)await RedisGuard.RunAsync(connection.GetDatabase(), script, [], [], Cancel));
    }

    // A second at a time, and never ahead of what it has set off.
    private Task AdvanceUntilAsync(Func<bool> isSo) => Eventually.TrueAsync(
        () =>
        {
            if (isSo())
            {
                return true;
            }

            _time.Advance(TimeSpan.FromSeconds(1));
            return false;
        },
        Patience);

    private static int SecondsIn(string line) => int.Parse(line.Split("Seconds=")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

    private List<string> Lines(string text) => [.. _log.Lines.Where(line => line.Contains(text, StringComparison.Ordinal))];
}
