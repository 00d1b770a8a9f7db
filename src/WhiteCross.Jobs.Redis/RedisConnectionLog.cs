using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Tells an operator when Redis goes, each half minute that it stays away, and when it is back: three kinds of lines, however many calls fail meanwhile and
/// however many connections there are.
/// </summary>
internal sealed partial class RedisConnectionLog
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPing = TimeSpan.FromSeconds(2);
    private static readonly ConditionalWeakTable<IConnectionMultiplexer, RedisConnectionLog> Attached = [];

    private readonly IConnectionMultiplexer _connection;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly RedisConditions _conditions;
    private int _isFollowing;

    private RedisConnectionLog(IConnectionMultiplexer connection, ILogger logger, TimeProvider time)
    {
        _connection = connection;
        _logger = logger;
        _time = time;
        _conditions = new RedisConditions(connection, logger);
    }

    public static void Attach(IConnectionMultiplexer connection, ILogger<RedisConnectionLog> logger, TimeProvider? time = null)
    {
        var log = new RedisConnectionLog(connection, logger, time ?? TimeProvider.System);
        Attached.AddOrUpdate(connection, log);
        if (connection.IsConnected)
        {
            log.LookAtSettings();
        }
        else
        {
            log.Follow("it cannot be reached yet", isSure: true);
        }

        connection.ConnectionFailed += (_, failure) =>
        {
            if (failure is { ConnectionType: ConnectionType.Interactive, FailureType: not ConnectionFailureType.ConnectionDisposed })
            {
                log.Follow(failure.FailureType.ToString(), isSure: true);
            }
        };
        connection.ConnectionRestored += (_, restored) =>
        {
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                // Perhaps another server, or with other settings.
                log.LookAtSettings();
            }
        };
    }

    /// <summary>Notes that a call had no answer. A server that hangs keeps its connections open: no event tells of it.</summary>
    public static void CallFailed(IConnectionMultiplexer connection, Exception exception)
    {
        if (exception is RedisTimeoutException && Attached.TryGetValue(connection, out var log))
        {
            log.Follow("it does not answer in time", isSure: false);
        }
    }

    // The connection's events wait for whoever listens.
    private void LookAtSettings() => _ = Task.Run(() => _conditions.LookAsync(CancellationToken.None));

    private void Follow(string why, bool isSure)
    {
        if (Interlocked.Exchange(ref _isFollowing, 1) == 0)
        {
            _ = Task.Run(() => FollowAsync(why, isSure));
        }
    }

    private async Task FollowAsync(string why, bool isSure)
    {
        try
        {
            // One slow answer among many good ones is no outage.
            if (!isSure && await AnswersAsync())
            {
                return;
            }

            var since = _time.GetTimestamp();
            var told = since;
            Gone(why);
            do
            {
                await Task.Delay(LookEvery, _time);
                if (_time.GetElapsedTime(told) >= TellEvery)
                {
                    told = _time.GetTimestamp();
                    StillAway((int)_time.GetElapsedTime(since).TotalSeconds);
                }
            }
            while (!await AnswersAsync());
            Back((int)_time.GetElapsedTime(since).TotalSeconds);
        }
        catch (ObjectDisposedException)
        {
            // The service has stopped.
        }
        finally
        {
            Volatile.Write(ref _isFollowing, 0);
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            if (!_connection.IsConnected)
            {
                return false;
            }

            await _connection.GetDatabase().PingAsync().WaitAsync(LongestPing);
            return true;
        }
        catch (Exception exception) when (exception is not ObjectDisposedException && RedisGuard.IsUnavailable(exception))
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis, which holds the job store, is away: {Why}. Nothing is added and nothing begins until it is back; connecting goes on in the background")]
    private partial void Gone(string why);

    [LoggerMessage(LogLevel.Warning, "Redis has been away for {Seconds} s")]
    private partial void StillAway(int seconds);

    [LoggerMessage(LogLevel.Information, "Redis is back after {Seconds} s")]
    private partial void Back(int seconds);
}
