using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.Gateway;

/// <summary>
/// Writes server-sent events. The headers go out at once, so that the client knows that it is connected; a comment follows whenever it has been quiet for
/// a while, so that neither side, nor a proxy in between, takes a dead connection for a quiet one; and it ends when the service stops.
/// </summary>
internal sealed class EventStream(HttpContext context)
{
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    // How long a browser waits before it connects again, in milliseconds.
    private static readonly byte[] Opening = "retry: 2000\n:\n\n"u8.ToArray();

    /// <summary>How long a stream is quiet before a comment is sent: below the minute after which proxies usually give up.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // The first quiet look comes soon: it finds what happened while the watch was being set up.
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);

    /// <summary>Copies what comes through a channel until it ends.</summary>
    /// <param name="source">What to write; null for nothing.</param>
    /// <param name="write">Writes one of them; false to end the stream.</param>
    /// <param name="quiet">Called when nothing has come for a while; false to end the stream.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task CopyAsync<T>(ChannelReader<T> source, Func<T, ValueTask<bool>> write, Func<ValueTask<bool>> quiet, CancellationToken cancellationToken)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var patience = FirstLook;
        var more = source.WaitToReadAsync(cancellationToken).AsTask();
        while (true)
        {
            try
            {
                if (!await more.WaitAsync(patience, time, cancellationToken))
                {
                    return;
                }
            }
            catch (TimeoutException)
            {
                patience = Heartbeat;
                await context.Response.Body.WriteAsync(Comment, cancellationToken);
                await context.Response.Body.FlushAsync(cancellationToken);
                if (!await quiet())
                {
                    return;
                }

                continue;
            }

            while (source.TryRead(out var item))
            {
                if (!await write(item))
                {
                    return;
                }
            }

            await context.Response.Body.FlushAsync(cancellationToken);
            more = source.WaitToReadAsync(cancellationToken).AsTask();
        }
    }

    /// <summary>Sends the headers and a first comment.</summary>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <returns>Whether there is somebody to whom events can be written.</returns>
    public async Task<bool> OpenAsync(CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache,no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would gather what it passes on.
        await context.Response.Body.WriteAsync(Opening, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
        return !HeadRequests.IsHead(context);
    }

    /// <summary>Writes one event.</summary>
    /// <param name="id">What the client asks with after a break, in <c>Last-Event-ID</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="json">How it is written.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async Task WriteAsync<T>(string id, string name, T data, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        // JSON has no line break outside its texts, and inside they are escaped: one data line.
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"id: {id}\nevent: {name}\ndata: "), cancellationToken);
        await context.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(data, json), cancellationToken);
        await context.Response.Body.WriteAsync("\n\n"u8.ToArray(), cancellationToken);
    }
}
