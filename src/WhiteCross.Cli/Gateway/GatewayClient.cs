using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace WhiteCross.Cli.Gateway;

/// <summary>The gateway's HTTP API. What it refuses, and that it cannot be reached, is a <see cref="CliException"/> with the exit code for it.</summary>
internal sealed class GatewayClient : IDisposable
{
    private const int MostAdds = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public GatewayClient(Uri address, string? key, string? token, TimeProvider time)
    {
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // A key goes to the address it is meant for, and nowhere that this one may point to.
            AllowAutoRedirect = false,
        })
        {
            BaseAddress = address,
            Timeout = Timeout.InfiniteTimeSpan, // Streams stay open; every other call has Patience.
        };
        if (key is not null)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("X-Api-Key", Header("key", key));
        }

        if (token is not null)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Header("token", token));
        }
    }

    /// <summary>A path below the gateway's address, of parts that may hold anything.</summary>
    public static string PathOf(params string[] parts) => string.Join('/', parts.Select(Uri.EscapeDataString));

    /// <summary>Reads a document.</summary>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Reads a document; null when there is none.</summary>
    public async Task<JsonNode?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(path, cancellationToken);
        }
        catch (CliException exception) when (exception.ExitCode == ExitCodes.NotFound)
        {
            return null;
        }
    }

    /// <summary>Changes something, and reads what the gateway answers; an empty object when it has nothing to say.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        var (status, document) = await ExchangeAsync(method, path, body, cancellationToken);
        return GatewayProblems.Ensure(status, document);
    }

    /// <summary>Sends a request and reads the answer, whatever its status; null for an answer that is not JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonNode? Document)> ExchangeAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await OpenAsync(method, path, body, either.Token);
            await using var content = await answer.Content.ReadAsStreamAsync(either.Token);
            return (answer.StatusCode, await ParseAsync(answer, content, either.Token));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new CliException(ExitCodes.Unavailable, $"The gateway at {_http.BaseAddress} has not answered for {Patience.TotalSeconds:0} seconds.");
        }
        catch (IOException)
        {
            throw BrokenOff();
        }
    }

    /// <summary>
    /// Adds jobs that have ids; asks again while the gateway says that it is unknown whether they were added, which adds none of them twice.
    /// </summary>
    /// <param name="path">Where.</param>
    /// <param name="open">Makes the body, for each try anew.</param>
    /// <param name="what">The jobs, in words for what is said when nobody knows in the end.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<(HttpStatusCode Status, JsonNode Document)> AddAsync(string path, Func<HttpContent> open, string what, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var body = open();
                var (status, document) = await ExchangeAsync(HttpMethod.Post, path, body, cancellationToken);
                return (status, GatewayProblems.Ensure(status, document));
            }
            catch (CliException exception) when (exception.Problem?["outcome"]?.ToString() == "unknown")
            {
                if (attempt == MostAdds)
                {
                    throw new CliException(ExitCodes.Unavailable, $"It is unknown whether {what}. Adding the same again with the same id is safe.", problem: exception.Problem);
                }
            }

            await Task.Delay(pause, _time, cancellationToken);
            pause *= 4;
        }
    }

    /// <summary>Reads server-sent events until the stream ends.</summary>
    /// <param name="path">Where.</param>
    /// <param name="connected">Called when the gateway has answered.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(string path, Action connected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(HttpMethod.Get, path, null, cancellationToken);
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw GatewayProblems.Read(answer.StatusCode, await ParseAsync(answer, content, cancellationToken));
        }

        connected();
        await using var events = SseParser.Create(content).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                throw BrokenOff();
            }

            yield return events.Current;
        }
    }

    /// <summary>Reads an answer of lines, of which each is told as it comes; nothing is kept.</summary>
    /// <param name="path">Where.</param>
    /// <param name="tell">Told each line.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task DownloadAsync(string path, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        using var answer = await OpenAsync(HttpMethod.Post, path, null, cancellationToken);
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
        {
            throw GatewayProblems.Read(answer.StatusCode, await ParseAsync(answer, content, cancellationToken));
        }

        using var lines = new StreamReader(content);
        while (true)
        {
            string? line;
            try
            {
                line = await lines.ReadLineAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                throw BrokenOff();
            }

            if (line is null)
            {
                return;
            }

            await tell(line);
        }
    }

    /// <summary>An answer as one of the contracts.</summary>
    public static T As<T>(JsonNode document, JsonTypeInfo<T> type)
    {
        try
        {
            return document.Deserialize(type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CliException(ExitCodes.Unavailable, "The gateway's answer cannot be understood. Is it of another version? See --json.");
        }
    }

    public void Dispose() => _http.Dispose();

    // A line end, as a file that was read into a variable may have, would make another header.
    private static string Header(string name, string value) => value.All(character => character is > ' ' and < '\x7f')
        ? value
        : throw new CliException(ExitCodes.WrongInput, $"The {name} has spaces, line ends or other characters that a {name} cannot have.");

    private static async Task<JsonNode?> ParseAsync(HttpResponseMessage answer, Stream content, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentType?.MediaType is not ("application/json" or "application/problem+json"))
        {
            return answer.IsSuccessStatusCode && answer.StatusCode != HttpStatusCode.NoContent
                ? throw new CliException(ExitCodes.Unavailable, "What answers there is no gateway: is --url right?")
                : null;
        }

        try
        {
            return await JsonNode.ParseAsync(content, cancellationToken: cancellationToken);
        }
        catch (JsonException)
        {
            throw new CliException(ExitCodes.Unavailable, "The gateway's answer is not valid JSON: is --url right?");
        }
    }

    private CliException BrokenOff() => new(ExitCodes.Unavailable, $"The connection to the gateway at {_http.BaseAddress} broke off.");

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative)) { Content = body };
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CliException(ExitCodes.Unavailable, $"The gateway at {_http.BaseAddress} cannot be reached ({exception.HttpRequestError}): is it running, and is --url right?");
        }
    }
}
