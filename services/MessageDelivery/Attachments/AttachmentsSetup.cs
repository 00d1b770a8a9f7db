using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using WhiteCross.Settings;
using WhiteCross.Storage;

namespace WhiteCross.MessageDelivery;

/// <summary>Registers what keeps attachments.</summary>
internal static class AttachmentsSetup
{
    public static void AddAttachments(this IServiceCollection services)
    {
        services.AddSettings<AttachmentOptions>(AttachmentOptions.SectionName)
            .PostConfigure<IConfiguration, IHostEnvironment>((options, configuration, environment) => options.Directory = Path.Combine(
                environment.ContentRootPath,
                options.Directory is { Length: > 0 } directory ? directory
                : Path.Combine(configuration[ServiceDatabase.DirectorySetting] is { Length: > 0 } data ? data : "data", "attachments")))
            .Validate(
                options => CanBeCreated(options.Directory!),
                $"{AttachmentOptions.SectionName}:{nameof(AttachmentOptions.Directory)} cannot be created; name a directory that the service may write to.");
        services.TryAddSingleton<IAttachmentStore>(provider => new FileAttachmentStore(provider.GetRequiredService<IOptions<AttachmentOptions>>().Value.Directory!));
        services.AddScoped<AttachmentUploads>();
    }

    private static bool CanBeCreated(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
