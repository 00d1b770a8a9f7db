using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using WhiteCross.Testing;

namespace WhiteCross.MessageNotification.Tests;

/// <summary>A certificate authority of a test's own, and a certificate of localhost from it.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("certificates-").FullName;

    public TestCertificates(TestParty issuer = TestParty.Authority)
    {
        var from = DateTimeOffset.UnixEpoch.AddYears(50);
        var to = from.AddYears(60);
        using var authorityKey = TestKeys.Of(issuer);
        var authority = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = authority.CreateSelfSigned(from, to);

        using var serverKey = TestKeys.Of(TestParty.Server);
        var server = new CertificateRequest("CN=localhost", serverKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var issued = server.Create(root, from, to, [1, 2, 3, 4]);
        using var withKey = issued.CopyWithPrivateKey(serverKey);
        Server = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
        AuthorityFile = Path.Combine(_folder, "authority.pem");
        File.WriteAllText(AuthorityFile, root.ExportCertificatePem());
    }

    public X509Certificate2 Server { get; }

    public string AuthorityFile { get; }

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
