using System.Net.Http.Json;
using Dapr.Client;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.BatchMessageSending;

/// <summary>The conversations of the delivery service, by Dapr's service invocation.</summary>
internal sealed class ServiceConversations(DaprClient dapr) : IConversations, IDisposable
{
    private const string AppId = "message-delivery";

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(AppId);

    public async Task<ConversationsFound> EnsureAsync(IReadOnlyList<ConversationOf> conversations, bool create, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(new EnsureRequest(create, conversations));

        // With its length known the request is not chunked: chunked ones are not retried by the sidecar.
        await content.LoadIntoBufferAsync(cancellationToken);
        using var response = await _service.PostAsync(new Uri("/internal/conversations/ensure", UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The delivery service ({AppId}) answered {(int)response.StatusCode} when asked for conversations.", null, response.StatusCode);
        }

        var found = await response.Content.ReadFromJsonAsync<EnsureAnswer>(cancellationToken);
        return new ConversationsFound(found?.Missing ?? [], found?.Mismatched ?? []);
    }

    public void Dispose() => _service.Dispose();

    private sealed record EnsureRequest(bool Create, IReadOnlyList<ConversationOf> Conversations);

    private sealed record EnsureAnswer(HashSet<Guid>? Missing, HashSet<Guid>? Mismatched);
}
