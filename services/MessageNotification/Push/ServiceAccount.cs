using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;

namespace WhiteCross.MessageNotification;

/// <summary>The service account that may send to a Firebase project.</summary>
/// <param name="Credential">Gets its access tokens and renews them.</param>
/// <param name="ProjectId">The project.</param>
internal sealed record ServiceAccount(ServiceAccountCredential Credential, string? ProjectId)
{
    private const string Scope = "https://www.googleapis.com/auth/firebase.messaging";

    /// <summary>Reads the account from the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="handlers">Where the connections to Google's token server come from; left out, Google's own.</param>
    public static ServiceAccount Read(PushOptions options, IHttpMessageHandlerFactory? handlers = null)
    {
        var json = options.ReadKey();
        using var key = JsonDocument.Parse(json);
        var credential = CredentialFactory.FromJson<ServiceAccountCredential>(json);
        var initializer = new ServiceAccountCredential.Initializer(credential.Id, credential.TokenServerUrl)
        {
            Key = credential.Key,
            KeyId = credential.KeyId,
            Scopes = [Scope],
        };
        if (handlers is not null)
        {
            initializer.HttpClientFactory = new HttpClientFromMessageHandlerFactory(_ => new(
                handlers.CreateHandler(nameof(ServiceAccount)), performsAutomaticDecompression: false, handlesRedirect: false));
        }

        var project = options.ProjectId is { Length: > 0 } set ? set
            : key.RootElement.TryGetProperty("project_id", out var own) ? own.GetString() : null;
        return new ServiceAccount(new ServiceAccountCredential(initializer), project);
    }
}
