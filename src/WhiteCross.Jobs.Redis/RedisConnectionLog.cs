using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>Tells an operator when the connection to Redis is lost, and when it is back.</summary>
internal sealed partial class RedisConnectionLog
{
    private readonly ILogger _logger;

    private readonly RedisConditions _conditions;

    private RedisConnectionLog(ILogger logger, RedisConditions conditions)
    {
        _logger = logger;
        _conditions = conditions;
    }

    public static void Attach(IConnectionMultiplexer connection, ILogger<RedisConnectionLog> logger)
    {
        var log = new RedisConnectionLog(logger, new RedisConditions(connection, logger));
        if (!connection.IsConnected)
        {
            log.Away();
        }

        log.LookAtSettings();

        connection.ConnectionFailed += (_, failure) => log.Lost(failure.ConnectionType, failure.FailureType);
        connection.ConnectionRestored += (_, restored) =>
        {
            log.Restored(restored.ConnectionType);
            if (restored.ConnectionType == ConnectionType.Interactive)
            {
                // Perhaps another server, or with other settings.
                log.LookAtSettings();
            }
        };
    }

    // The connection's events wait for whoever listens.
    private void LookAtSettings() => _ = Task.Run(() => _conditions.LookAsync(CancellationToken.None));

    [LoggerMessage(LogLevel.Warning, "Redis, which holds the job store, cannot be reached yet; connecting goes on in the background")]
    private partial void Away();

    [LoggerMessage(LogLevel.Warning, "The {Connection} connection to Redis is lost: {Failure}")]
    private partial void Lost(ConnectionType connection, ConnectionFailureType failure);

    [LoggerMessage(LogLevel.Information, "The {Connection} connection to Redis is back")]
    private partial void Restored(ConnectionType connection);
}
