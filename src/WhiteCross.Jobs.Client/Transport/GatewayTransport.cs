using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace WhiteCross.Jobs.Client.Transport;

/// <summary>
/// The way to the gateway's HTTP API: straight, or through a sidecar that invokes it. What the gateway refuses, and that it cannot be reached, are the client's exceptions.
/// </summary>
/// <param name="http">Has the address and what to show there; no time limit of its own, since streams stay open.</param>
/// <param name="time">The clock.</param>
/// <param name="who">Who is at the address, in words that a sentence begins with.</param>
/// <param name="prefix">What the gateway's paths begin with there.</param>
/// <param name="patience">How long an answer may take that is no stream; null: as long as the caller waits.</param>
internal sealed class GatewayTransport(HttpClient http, TimeProvider time, string who = "The gateway", string prefix = "", TimeSpan? patience = null)
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10);

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>How requests leave a process: a key goes to the address it is meant for, and nowhere that this one may point to.</summary>
    public static SocketsHttpHandler CreateHandler() => new() { ConnectTimeout = ConnectPatience, AllowAutoRedirect = false };

    /// <summary>Whether a text can be a header's value as it is: a line end, as a file that was read into a variable may have, would make another header.</summary>
    public static bool IsHeaderValue(string value) => value.All(character => character is > ' ' and < '\x7f');

    /// <summary>A path below the gateway's address, of parts that may hold anything.</summary>
    public static string PathOf(params string[] parts) => string.Join('/', parts.Select(Uri.EscapeDataString));

    /// <summary>A query of what is given: what is null is left out.</summary>
    public static string QueryOf(params IEnumerable<(string Name, string? Value)> parts) =>
        string.Join('&', parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}")) is { Length: > 0 } query ? $"?{query}" : string.Empty;

    /// <summary>Reads a document.</summary>
    public Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    /// <summary>Reads a document; null when there is none.</summary>
    public async Task<JsonNode?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var answer = await ExchangeAsync(HttpMethod.Get, path, null, cancellationToken);
        return answer.IsNotFound ? null : answer.EnsureDocument().Document;
    }

    /// <summary>Changes something, and reads what the gateway answers; an empty object when it has nothing to say.</summary>
    public async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken) =>
        (await ExchangeAsync(method, path, body, cancellationToken)).EnsureDocument().Document;

    /// <summary>Sends a request and reads the answer, whatever its status.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Where.</param>
    /// <param name="body">What is sent; it is disposed of.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="JobsUnavailableException">There was no answer, or none that can be read.</exception>
    public async Task<GatewayAnswer> ExchangeAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(patience ?? Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var answer = await OpenAsync(method, path, body, either.Token);
            return await ReadingAsync(GatewayAnswer.ReadAsync(answer, either.Token));
        }
        catch (OperationCanceledException exception) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{who} at {http.BaseAddress} has not answered for {patience!.Value.TotalSeconds:0} seconds.");
            throw new JobsUnavailableException(text, exception) { IsOutcomeUnknown = true, Kind = UnavailableKind.Silent };
        }
    }

    /// <summary>Reads server-sent events until the stream ends.</summary>
    /// <param name="path">Where.</param>
    /// <param name="connected">Called when the gateway has answered.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async IAsyncEnumerable<SseItem<string>> StreamAsync(string path, Action connected, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await OpenStreamAsync(HttpMethod.Get, path, cancellationToken);
        await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
        connected();
        await using var events = SseParser.Create(content).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await ReadingAsync(events.MoveNextAsync().AsTask()))
        {
            yield return events.Current;
        }
    }

    /// <summary>Reads an answer of lines, of which each is given as it comes; nothing is kept.</summary>
    public async IAsyncEnumerable<string> LinesAsync(HttpMethod method, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var answer = await OpenStreamAsync(method, path, cancellationToken);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellationToken));
        while (await ReadingAsync(lines.ReadLineAsync(cancellationToken).AsTask()) is { } line)
        {
            yield return line;
        }
    }

    private async Task<HttpResponseMessage> OpenStreamAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        var answer = await OpenAsync(method, path, null, cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }

        using (answer)
        {
            throw new GatewayProblem(await ReadingAsync(GatewayAnswer.ReadAsync(answer, cancellationToken))).ToException();
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(prefix + path, UriKind.Relative)) { Content = body };
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            // Without a connection nothing was sent; where one broke, nobody knows.
            throw new JobsUnavailableException($"{who} at {http.BaseAddress} cannot be reached ({exception.HttpRequestError}).", exception)
            {
                IsOutcomeUnknown = exception.HttpRequestError is not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError),
                Kind = UnavailableKind.NotReached,
            };
        }
    }

    private async Task<T> ReadingAsync<T>(Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw new JobsUnavailableException($"The connection to {char.ToLowerInvariant(who[0])}{who[1..]} at {http.BaseAddress} broke off.", exception)
            {
                IsOutcomeUnknown = true,
                Kind = UnavailableKind.BrokenOff,
            };
        }
    }
}
