using System.Net;
using System.Text.Json.Serialization;
using Dapr.Client;
using WhiteCross.Jobs;
using WhiteCross.Jobs.Dapr;

namespace WhiteCross.MessageDelivery;

/// <summary>Encrypts through the encryption service, by Dapr's service invocation.</summary>
internal sealed class ServiceMessageEncryptor(DaprClient dapr) : IMessageEncryptor, IDisposable
{
    private const string AppId = "message-encryption";

    private readonly HttpClient _service = dapr.CreateInvokableHttpClient(AppId);

    public async Task<string> EncryptAsync(Guid messageId, string content, CancellationToken cancellationToken) =>
        (await CallAsync<Encrypted>("encrypt", new EncryptRequest(messageId, content), cancellationToken)).CipherText;

    public async Task<string> DecryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken) =>
        (await CallAsync<Decrypted>("decrypt", new CipherTextRequest(messageId, cipherText), cancellationToken)).Content;

    public async Task<string> ReencryptAsync(Guid messageId, string cipherText, CancellationToken cancellationToken) =>
        (await CallAsync<Encrypted>("reencrypt", new CipherTextRequest(messageId, cipherText), cancellationToken)).CipherText;

    public void Dispose() => _service.Dispose();

    private async Task<T> CallAsync<T>(string what, object request, CancellationToken cancellationToken)
    {
        using var content = JsonContent.Create(request, request.GetType());
        // With its length known the request is not chunked: chunked ones are not retried by the sidecar.
        await content.LoadIntoBufferAsync(cancellationToken);
        using var response = await _service.PostAsync(new Uri($"/internal/{what}", UriKind.Relative), content, cancellationToken).AsAnsweredAsync();
        if (response.StatusCode == HttpStatusCode.BadRequest)
        {
            var problem = await response.Content.ReadFromJsonAsync<HttpValidationProblemDetails>(cancellationToken);
            throw new PermanentJobException(
                $"The encryption service refused: {string.Join(' ', problem?.Errors.Select(error => $"{error.Key} {string.Join(' ', error.Value)}") ?? [])}");
        }

        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"The encryption service ({AppId}) answered {(int)response.StatusCode}.", null, response.StatusCode);
        }

        return await response.Content.ReadFromJsonAsync<T>(cancellationToken)
            ?? throw new HttpRequestException($"The encryption service ({AppId}) answered with nothing.");
    }

    private sealed record EncryptRequest(Guid MessageId, string Content)
    {
        public override string ToString() => nameof(EncryptRequest);
    }

    private sealed record CipherTextRequest(Guid MessageId, string CipherText);

    private sealed record Encrypted([property: JsonRequired] string CipherText);

    private sealed record Decrypted([property: JsonRequired] string Content)
    {
        public override string ToString() => nameof(Decrypted);
    }
}
