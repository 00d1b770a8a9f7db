using Microsoft.Extensions.Hosting;

namespace WhiteCross.Jobs.Dapr.Publishing;

/// <summary>
/// Lets the events of added jobs out before the service ends. Registered before whatever adds jobs, it is stopped after it, and before the sidecar,
/// which outlives its app.
/// </summary>
internal sealed class PublisherClosing(JobPublisher publisher, Announcer announcer) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await publisher.CloseAsync().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await announcer.CloseAsync(cancellationToken);
    }
}
