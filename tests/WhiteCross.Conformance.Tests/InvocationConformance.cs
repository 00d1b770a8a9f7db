using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using WhiteCross.Sidecar;
using WhiteCross.Testing;

namespace WhiteCross.Conformance.Tests;

/// <summary>What the caller of an app gets of its answer, and when: through the app's own sidecar, and through two.</summary>
[Collection(nameof(SharedSidecars))]
public sealed class InvocationConformance(SharedSidecars sidecars, RedisServer redis)
{
    // Only a test that fails waits so long.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _path = $"/{Guid.NewGuid():N}";

    public static TheoryData<string> Runtimes => DaprRuntimes.All;

    public static TheoryData<string, bool> Ways
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var runtime in DaprRuntimes.All)
            {
                data.Add(runtime, false);
                data.Add(runtime, true);
            }

            return data;
        }
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_answer_arrives_while_the_app_still_writes_it(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        var more = new TaskCompletionSource();
        way.App.Handlers[_path] = async context =>
        {
            context.Response.StatusCode = 201;
            context.Response.ContentType = "text/event-stream";
            await WriteAsync(context, "first");
            await more.Task.WaitAsync(context.RequestAborted);
            await WriteAsync(context, "last");
        };

        using var answer = await way.GetAsync(_path);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        var first = await ReadAsync(body, "first".Length);
        more.SetResult();
        using var rest = new StreamReader(body);

        Assert.Equal((HttpStatusCode.Created, "text/event-stream", "first"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, first));
        Assert.Equal("last", await rest.ReadToEndAsync(Cancellation).WaitAsync(Patience, Cancellation));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task An_answer_that_the_app_breaks_off_is_not_taken_for_whole(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        var more = new TaskCompletionSource();
        way.App.Handlers[_path] = async context =>
        {
            context.Response.ContentLength = 100;
            await WriteAsync(context, "first");
            await more.Task.WaitAsync(context.RequestAborted);
            context.Abort();
        };

        using var answer = await way.GetAsync(_path);
        await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
        await ReadAsync(body, "first".Length);
        more.SetResult();

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null, Cancellation).WaitAsync(Patience, Cancellation));
        Assert.Single(way.App.CallsOf(_path));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task The_app_hears_that_the_caller_has_gone(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        var gone = new TaskCompletionSource();
        way.App.Handlers[_path] = async context =>
        {
            await using var end = context.RequestAborted.UnsafeRegister(_ => gone.TrySetResult(), null);
            await WriteAsync(context, "first");
            await gone.Task;
        };

        using (var answer = await way.GetAsync(_path))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Cancellation);
            await ReadAsync(body, "first".Length);
            Assert.False(gone.Task.IsCompleted);
        }

        await gone.Task.WaitAsync(Patience, Cancellation);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_failure_is_retried_and_the_good_answer_arrives(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        way.App.Handlers[_path] = context =>
        {
            var isLast = way.App.CallsOf(_path).Count == 3;
            context.Response.StatusCode = isLast ? 200 : 503;
            return WriteAsync(context, isLast ? "good" : "not yet");
        };

        using var answer = await way.SendAsync(_path, new StringContent("asked"));

        Assert.Equal((HttpStatusCode.OK, "good"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal(["asked", "asked", "asked"], way.App.CallsOf(_path).Select(call => Encoding.UTF8.GetString(call.Bytes)));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_failure_that_stays_arrives_whole(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        var text = new string('x', 200_000);
        way.App.Handlers[_path] = async context =>
        {
            context.Response.StatusCode = 503;
            context.Response.ContentType = "application/problem+json";
            await WriteAsync(context, text[..100_000]);
            await WriteAsync(context, text[100_000..]);
        };

        using var answer = await way.GetAsync(_path);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(text, await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.Equal(3, way.App.CallsOf(_path).Count);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_is_sent_in_chunks_is_sent_once_and_its_failure_arrives_as_the_app_writes_it(string runtime, bool isFar)
    {
        var way = await WayAsync(runtime, isFar);
        way.App.Handlers[_path] = context =>
        {
            context.Response.StatusCode = 503;
            return WriteAsync(context, "not now");
        };

        using var answer = await way.SendAsync(_path, new StringContent("asked"), isChunked: true);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not now"), (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation)));
        Assert.Equal("asked", Encoding.UTF8.GetString(Assert.Single(way.App.CallsOf(_path)).Bytes));
    }

    [Theory]
    [MemberData(nameof(Runtimes))]
    public async Task An_answer_that_goes_on_takes_no_slot_of_the_app(string runtime)
    {
        // How long daprd 1.18 keeps the slot of an answer that goes on has not been seen.
        Assert.SkipWhen(runtime == DaprRuntimes.Daprd, "It is not known of daprd.");
        await using var app = await RecordingApp.StartAsync("[]");
        await using var sidecar = await DaprRuntimes.StartAsync(
            runtime, new SidecarSetup { AppId = "slots", AppPort = app.Port, MaxConcurrency = 1 }, redis.EndPoint, new EmbeddedBroker(TimeProvider.System));
        await Waiting.UntilReadyAsync(sidecar);
        using var http = new HttpClient { BaseAddress = sidecar.Http };
        var more = new TaskCompletionSource();
        app.Handlers["/stream"] = async context =>
        {
            await WriteAsync(context, "first");
            await more.Task.WaitAsync(context.RequestAborted);
        };

        var way = new Way(http, "slots", app);
        using var stream = await way.GetAsync("/stream");
        await using var body = await stream.Content.ReadAsStreamAsync(Cancellation);
        await ReadAsync(body, "first".Length);
        using var other = await way.GetAsync("/other");

        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        more.SetResult();
        Assert.Equal(0, await body.ReadAsync(new byte[1], Cancellation).AsTask().WaitAsync(Patience, Cancellation));
    }

    private static async Task WriteAsync(HttpContext context, string text)
    {
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task<string> ReadAsync(Stream body, int count)
    {
        var bytes = new byte[count];
        await body.ReadExactlyAsync(bytes, Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>The graveyard's sidecar calls its own app, or, through that one's sidecar, the other app.</summary>
    private async Task<Way> WayAsync(string runtime, bool isFar)
    {
        var shared = await sidecars.GetAsync(runtime);
        return isFar ? new Way(shared.GraveyardHttp, shared.AppId, shared.App) : new Way(shared.GraveyardHttp, shared.GraveyardId, shared.Graveyard);
    }

    private sealed record Way(HttpClient Http, string AppId, RecordingApp App)
    {
        public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, isChunked: false);

        public Task<HttpResponseMessage> SendAsync(string path, HttpContent content, bool isChunked = false) => SendAsync(HttpMethod.Post, path, content, isChunked);

        private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, bool isChunked)
        {
            using var request = new HttpRequestMessage(method, new Uri($"/v1.0/invoke/{AppId}/method{path}", UriKind.Relative)) { Content = content };
            request.Headers.TransferEncodingChunked = isChunked ? true : null;
            return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation).WaitAsync(Patience, Cancellation);
        }
    }
}
