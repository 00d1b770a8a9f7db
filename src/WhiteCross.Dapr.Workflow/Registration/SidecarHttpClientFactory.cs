namespace Dapr.Workflow.Registration;

/// <summary>
/// The HTTP client under the channel: no time limit, since the stream of work items is to stay open, and pings, so that a connection that died without
/// a word is noticed.
/// </summary>
internal sealed class SidecarHttpClientFactory : IHttpClientFactory
{
    // The sidecar bears a ping every 8 s at most.
    private static readonly TimeSpan PingAfter = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public HttpClient CreateClient(string name)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingAfter,
            KeepAlivePingTimeout = PingTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        return new HttpClient(handler, disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
