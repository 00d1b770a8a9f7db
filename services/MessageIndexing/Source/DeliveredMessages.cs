using System.Net.Http.Json;
using Dapr.Client;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageIndexing;

/// <summary>Asks the delivery service, by Dapr's service invocation. A message that it does not have is another service's, and the index's own rule holds.</summary>
internal sealed class DeliveredMessages(DaprClient dapr) : IReadableMessages, IMessageSource, IDisposable
{
    private const string AppId = "message-delivery";

    private readonly HttpClient _service = Create(dapr);

    public async Task<IReadOnlySet<Guid>> HiddenFromAsync(Guid userId, IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken) =>
        messageIds.Count == 0
            ? new HashSet<Guid>()
            : (await PostAsync<Hidden>($"/internal/users/{userId:D}/hidden-messages", new MessageIds(messageIds), cancellationToken)).MessageIds.ToHashSet();

    public Task<SourcePage> ReadAsync(Guid? cursor, int limit, CancellationToken cancellationToken) =>
        PostAsync<SourcePage>("/internal/messages/page", new PageRequest(cursor, limit), cancellationToken);

    public async Task<IReadOnlySet<Guid>> MissingAsync(IReadOnlyList<Guid> messageIds, CancellationToken cancellationToken) =>
        messageIds.Count == 0
            ? new HashSet<Guid>()
            : (await PostAsync<Hidden>("/internal/messages/missing", new MessageIds(messageIds), cancellationToken)).MessageIds.ToHashSet();

    public void Dispose() => _service.Dispose();

    private static HttpClient Create(DaprClient dapr)
    {
        var service = dapr.CreateInvokableHttpClient(AppId);
        service.Timeout = TimeSpan.FromSeconds(30);
        return service;
    }

    private async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, body.GetType());

        // With its length known the request is not chunked: chunked ones are not retried by the sidecar.
        await content.LoadIntoBufferAsync(cancellationToken);
        try
        {
            using var response = await _service.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
            return response.IsSuccessStatusCode && await response.Content.ReadFromJsonAsync<T>(cancellationToken) is { } answer
                ? answer
                : throw new HttpRequestException($"The delivery service ({AppId}) answered {(int)response.StatusCode}.", null, response.StatusCode);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"The delivery service ({AppId}) did not answer within {_service.Timeout.TotalSeconds} s.");
        }
    }

    private sealed record MessageIds(IReadOnlyList<Guid> Ids);

    private sealed record PageRequest(Guid? Cursor, int BatchSize);

    private sealed record Hidden(IReadOnlyList<Guid> MessageIds);
}
