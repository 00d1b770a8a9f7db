using System.Net;
using System.Net.Http.Json;
using Dapr.Client;
using Microsoft.Extensions.Options;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageCleanup;

/// <summary>Calls another service's internal endpoints, by Dapr's service invocation.</summary>
internal sealed class ServiceInvoker : IDisposable
{
    private readonly string _appId;
    private readonly HttpClient _service;

    public ServiceInvoker(DaprClient dapr, string appId, IOptions<CleanupOptions> options)
    {
        _appId = appId;
        _service = dapr.CreateInvokableHttpClient(appId);
        _service.Timeout = TimeSpan.FromSeconds(options.Value.CallSeconds);
    }

    public async Task<T> PostAsync<T>(string path, object body, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(body, body.GetType());

        // With its length known the request is not chunked: chunked ones are not retried by the sidecar.
        await content.LoadIntoBufferAsync(cancellationToken);
        try
        {
            using var response = await _service.PostAsync(new Uri(path, UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
            if (response.StatusCode == HttpStatusCode.BadRequest)
            {
                var problem = await response.Content.ReadFromJsonAsync<HttpValidationProblemDetails>(cancellationToken);
                throw new PermanentJobException(
                    $"The service {_appId} refused: {string.Join(' ', problem?.Errors.Select(error => $"{error.Key} {string.Join(' ', error.Value)}") ?? [])}");
            }

            if (response.StatusCode == HttpStatusCode.InternalServerError && await IsSidecarsAsync(response, cancellationToken))
            {
                throw new ServiceAwayException($"The service {_appId} cannot be reached.");
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new HttpRequestException($"The service {_appId} answered {(int)response.StatusCode}.", null, response.StatusCode);
            }

            return await response.Content.ReadFromJsonAsync<T>(cancellationToken)
                ?? throw new HttpRequestException($"The service {_appId} answered with nothing.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"The service {_appId} did not answer within {_service.Timeout.TotalSeconds} s (Cleanup:CallSeconds).");
        }
    }

    public void Dispose() => _service.Dispose();

    /// <summary>Whether the sidecar says that it did not reach the service, rather than the service that something is wrong.</summary>
    private static async Task<bool> IsSidecarsAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        (await response.Content.ReadAsStringAsync(cancellationToken)).Contains("\"ERR_DIRECT_INVOKE\"", StringComparison.Ordinal);
}
