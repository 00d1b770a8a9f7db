using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace WhiteCross.Jobs.Redis;

/// <summary>
/// Has the connection made while the service starts: made by its first fifty requests, they would stand on every thread of a small machine and leave
/// none for the connection.
/// </summary>
internal sealed class RedisConnecting(IConnectionMultiplexer connection) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = connection;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
