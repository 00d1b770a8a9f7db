using System.IO.Compression;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using WhiteCross.Sidecar.Tests.Resources;
using WhiteCross.Testing;

namespace WhiteCross.Sidecar.Tests.Hosting;

/// <summary>What the caller of an app gets of an answer that has no body, breaks off, takes too long or has no end: through the app's own sidecar, and through two.</summary>
public sealed class InvocationAnswerTests : IAsyncDisposable
{
    private const string Callee = "callee";
    private const string Caller = "caller";

    // Only a test that fails waits so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int _port = FreePorts.Take();
    private readonly LogCollector _log = new();
    private readonly ResourceFolder _folder = new();
    private readonly TaskCompletionSource _more = new();
    private readonly List<IAsyncDisposable> _running = [];
    private readonly HttpClient _http = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var running in _running)
        {
            await running.DisposeAsync();
        }

        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_head_of_an_answer_does_not_wait_for_its_body(bool isFar)
    {
        var address = await StartAsync(isFar, async context =>
        {
            context.Response.StatusCode = 202;
            await context.Response.Body.FlushAsync();
            await _more.Task.WaitAsync(context.RequestAborted);
            await WriteAsync(context, "late");
        });

        using var answer = await SendAsync(HttpMethod.Get, address);
        _more.SetResult();

        Assert.Equal((HttpStatusCode.Accepted, "late"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_an_answer_in_chunks_that_breaks_off_the_caller_hears_that_it_did_and_the_log_tells_no_content(bool isFar)
    {
        var address = await StartAsync(isFar, async context =>
        {
            await WriteAsync(context, "confidential");
            await _more.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        });

        using var answer = await SendAsync(HttpMethod.Get, address);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        await body.ReadExactlyAsync(new byte["confidential".Length], Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        _more.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancellation).WaitAsync(Patience, Cancellation));
        Assert.Contains(_log.Lines, line => line.Contains(" Warning ", StringComparison.Ordinal) && line.Contains("broke off", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains("confidential", StringComparison.Ordinal));
        Assert.DoesNotContain(_log.Lines, line => line.Contains(" Error ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_timeout_in_the_middle_ends_the_answer_and_nothing_is_tried_again()
    {
        _folder.With("resiliency.yaml", $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies:
                timeouts: { short: 2s }
                retries: { again: { policy: constant, duration: 1ms, maxRetries: 3 } }
              targets:
                apps: { {{Callee}}: { timeout: short, retry: again } }
            """);
        var calls = Channel.CreateUnbounded<string>();
        var address = await StartAsync(isFar: false, async context =>
        {
            calls.Writer.TryWrite("call");
            await WriteAsync(context, "first");
            await _more.Task.WaitAsync(context.RequestAborted);
        });

        using var answer = await SendAsync(HttpMethod.Get, address);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync(Cancellation).WaitAsync(Patience, Cancellation));
        await Eventually.TrueAsync(() => _log.Lines.Any(line => line.Contains("broke off", StringComparison.Ordinal)));
        using var other = await SendAsync(HttpMethod.Get, new Uri(address, "other")); // What would have been tried again was so before.
        Assert.Equal(1, calls.Reader.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_told_of_a_caller_that_goes_away(bool isFar)
    {
        var gone = new TaskCompletionSource();
        var address = await StartAsync(isFar, async context =>
        {
            await using var end = context.RequestAborted.UnsafeRegister(_ => gone.TrySetResult(), null);
            await WriteAsync(context, "first");
            await gone.Task;
        });

        using (var answer = await SendAsync(HttpMethod.Get, address))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
            await body.ReadExactlyAsync(new byte["first".Length], Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        }

        await gone.Task.WaitAsync(Patience, Cancellation);
        await StopAsync();
        Assert.DoesNotContain(_log.Lines, line => line.Contains(" Warning ", StringComparison.Ordinal) || line.Contains(" Error ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sidecar_that_stops_does_not_wait_for_a_stream_without_an_end()
    {
        var address = await StartAsync(isFar: false, async context =>
        {
            await WriteAsync(context, "first");
            await _more.Task.WaitAsync(context.RequestAborted);
        });
        using var answer = await SendAsync(HttpMethod.Get, address);

        // The server's own patience with requests that go on is half a minute.
        await StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        await Assert.ThrowsAnyAsync<Exception>(() => answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Theory]
    [InlineData("GET", 204, null)]
    [InlineData("GET", 205, null)]
    [InlineData("GET", 304, null)]
    [InlineData("GET", 200, 0L)]
    [InlineData("HEAD", 200, 5L)]
    [InlineData("HEAD", 404, 5L)]
    public async Task An_answer_without_a_body_leaves_the_connection_to_the_next(string method, int status, long? length)
    {
        var address = await StartAsync(isFar: true, context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentLength = length;
            return Task.CompletedTask;
        });

        for (var i = 0; i < 3; i++)
        {
            using var answer = await SendAsync(new HttpMethod(method), address);
            Assert.Equal((status, length), ((int)answer.StatusCode, answer.Content.Headers.ContentLength is 0 && length is null ? null : answer.Content.Headers.ContentLength));
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync(Cancellation));
        }

        Assert.DoesNotContain(_log.Lines, line => line.Contains(" Warning ", StringComparison.Ordinal) || line.Contains(" Error ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_arrives_as_the_app_wrote_it_with_its_length_also_compressed()
    {
        byte[] bytes;
        using (var compressed = new MemoryStream())
        {
            await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                await gzip.WriteAsync("hello"u8.ToArray(), Cancellation);
            }

            bytes = compressed.ToArray();
        }

        var address = await StartAsync(isFar: true, async context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            context.Response.Headers["X-Many"] = new(["a", "b"]);
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes);
        });

        using var answer = await SendAsync(HttpMethod.Get, address);

        Assert.Equal((bytes.Length, "gzip", "a,b"), (answer.Content.Headers.ContentLength, answer.Content.Headers.ContentEncoding.Single(), string.Join(',', answer.Headers.GetValues("X-Many"))));
        Assert.Equal(bytes, await answer.Content.ReadAsByteArrayAsync(Cancellation));
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri address)
    {
        using var request = new HttpRequestMessage(method, address);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation).WaitAsync(Patience, Cancellation);
    }

    /// <summary>Starts an app that answers every call below <c>/answer</c> in its own way, its sidecar, and that of a caller.</summary>
    /// <returns>Where the app is called, by its own sidecar or by the caller's.</returns>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_policy_that_both_sidecars_have_is_the_callers_and_retries_do_not_multiply(bool isFar)
    {
        _folder.With("resiliency.yaml", $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies:
                retries: { again: { policy: constant, duration: 1ms, maxRetries: 2 } }
              targets:
                apps: { {{Callee}}: { retry: again } }
            """);
        var calls = 0;
        var address = await StartAsync(isFar, context =>
        {
            Interlocked.Increment(ref calls);
            context.Response.StatusCode = 503;
            return WriteAsync(context, "not now");
        });

        using var answer = await SendAsync(HttpMethod.Get, address);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not now", 3), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation), calls));
    }

    [Fact]
    public async Task Headers_of_an_earlier_hop_that_an_app_passes_on_are_not_taken_for_this_ones()
    {
        var address = await StartAsync(isFar: true, context => WriteAsync(context, $"{context.Request.Headers["dapr-caller-app-id"]} {context.Request.Headers["dapr-callee-app-id"]}"));
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "dapr-caller-app-id", "other" }, { "dapr-callee-app-id", Caller } } };

        using var answer = await _http.SendAsync(request, Cancellation);

        Assert.Equal($"{Caller} {Callee}", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private async Task<Uri> StartAsync(bool isFar, RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls($"http://127.0.0.1:{_port}");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapFallback(context => context.Request.Path == "/answer" ? handle(context) : Results.NotFound().ExecuteAsync(context));
        await app.StartAsync(Cancellation);
        var callee = await StartSidecarAsync(new SidecarOptions { AppId = Callee, AppPort = _port });
        await callee.Ready.WaitAsync(Cancellation);
        var caller = await StartSidecarAsync(new SidecarOptions { AppId = Caller, KnownApps = new Dictionary<string, Uri> { [Callee] = callee.HttpEndpoint } });
        _running.InsertRange(0, [caller, callee, app]);
        return new Uri((isFar ? caller : callee).HttpEndpoint, $"v1.0/invoke/{Callee}/method/answer");
    }

    private Task<SidecarHost> StartSidecarAsync(SidecarOptions options) => SidecarHost.StartAsync(
        options with
        {
            DaprHttpPort = 0,
            DaprGrpcPort = 0,
            ResourcesPaths = [_folder.Path],
            Broker = new EmbeddedBroker(TimeProvider.System),
            ConfigureLogging = logging => logging.AddProvider(_log),
        },
        Cancellation);

    /// <summary>Stops the sidecars, the caller's first.</summary>
    private async Task StopAsync()
    {
        foreach (var sidecar in _running.OfType<SidecarHost>())
        {
            await sidecar.DisposeAsync();
        }
    }
}
