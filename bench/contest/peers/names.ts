/** What `--peers` may name. */
export const peers = ['vectorscan', 'yara', 'clamscan', 'litko-yara-x', 'virustotal-yara-x', 'ahocorasick', 'double-array'] as const;
