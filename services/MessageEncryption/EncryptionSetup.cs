using WhiteCross.ServiceDefaults;
using WhiteCross.Settings;

namespace WhiteCross.MessageEncryption;

/// <summary>Registers the keys, the cipher and what the jobs need.</summary>
internal static class EncryptionSetup
{
    public static void AddContentEncryption(this IServiceCollection services)
    {
        services.AddSettings<EncryptionOptions>(EncryptionOptions.SectionName);
        services.AddDaprClient();
        services.AddSingleton<KeyRingSource>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyRingSource>());
        services.AddHealthChecks().AddCheck<KeyRingHealth>("keys", tags: [ServiceHealth.ReadyTag]);
        services.AddSingleton<ContentEncryption>();
        services.AddSingleton<DecryptedContents>();
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, EncryptionJsonContext.Default));
    }
}
