using System.Net.Http.Json;
using Dapr.Client;
using WhiteCross.Jobs.Dapr;
using WhiteCross.ServiceDefaults;

namespace WhiteCross.MessageDelivery;

/// <summary>What the notification service has of a person, by Dapr's service invocation.</summary>
internal sealed class NotificationsOfPerson(DaprClient dapr) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly HttpClient _service = Create(dapr);

    /// <summary>A page of it.</summary>
    /// <exception cref="HttpRequestException">The service is away.</exception>
    public async Task<LinesPage> PageAsync(Guid user, string? cursor, CancellationToken cancellationToken)
    {
        try
        {
            using var content = JsonContent.Create(new { cursor });
            await content.LoadIntoBufferAsync(cancellationToken);
            using var answer = await _service.PostAsync(new Uri($"/internal/people/{user}/export", UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
            answer.EnsureSuccessStatusCode();
            return await answer.Content.ReadFromJsonAsync<LinesPage>(cancellationToken) ?? throw new HttpRequestException("The notification service answered with nothing.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException("The notification service did not answer in time.");
        }
    }

    public void Dispose() => _service.Dispose();

    private static HttpClient Create(DaprClient dapr)
    {
        var service = dapr.CreateInvokableHttpClient("message-notification");
        service.Timeout = Deadline;
        return service;
    }
}
