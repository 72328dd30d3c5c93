//! The checksums of the broker's own jars, for the versions that tests use.

/// Returns the SHA-256 of the jars of a version by file name; empty if the version is not pinned.
pub(crate) fn pins(version: &str) -> &'static [(&'static str, &'static str)] {
    match version {
        "4.4.0" => KAFKA_4_4_0,
        "3.9.2" => KAFKA_3_9_2,
        _ => &[],
    }
}

const KAFKA_4_4_0: &[(&str, &str)] = &[
    (
        "kafka-clients-4.4.0.jar",
        "1ab07317eb6633241392449d329dbdc5d9251e6ffc4926860f42dd966e88bdf9",
    ),
    (
        "kafka-coordinator-common-4.4.0.jar",
        "e380267a17981edbadaa2e2e785f18dc1b5671abf2d1084eb7da06a765c71d0c",
    ),
    (
        "kafka-group-coordinator-4.4.0.jar",
        "3fc830ace54f6a13f9f536bc0564bf39a68797365a4c4b194bd7db4fb893b2bc",
    ),
    (
        "kafka-group-coordinator-api-4.4.0.jar",
        "bf11d7586c7363ba72a16ac5ef80c65365de9166469f7f6fc4ac5d2e0a98213a",
    ),
    (
        "kafka-metadata-4.4.0.jar",
        "6c52de74ecd670332e1e1324f5d40311275ac49b22699b6722e5fb07dd266fcb",
    ),
    (
        "kafka-raft-4.4.0.jar",
        "687f278ce5d82b7f53644643e21e1a7452530f202826108990f0fe4f3d334d4f",
    ),
    (
        "kafka-server-4.4.0.jar",
        "5f5456c2976203525080220212639f7033274b94458ceabf44197f4800bd615c",
    ),
    (
        "kafka-server-common-4.4.0.jar",
        "e50931831a27a2f3eb6cf74e8d63cc325b4e98656f30e94f8829297951ca5080",
    ),
    (
        "kafka-share-coordinator-4.4.0.jar",
        "6969a7961ca98d37a039bbe0af0fe761d6b0dd07ca9666802f47821167afbb6e",
    ),
    (
        "kafka-storage-4.4.0.jar",
        "9eaa4dafacc251080ece0efa8511283da5de6931e843457f6af87f02f9b50039",
    ),
    (
        "kafka-storage-api-4.4.0.jar",
        "edd47a86cdce283fc15d033090417a5dec29642eb807713f2e807e3c46b5ca46",
    ),
    (
        "kafka-tools-api-4.4.0.jar",
        "348b63a7d22739703ad34613a1154702568d462c3a8adb1dd655482251f4e529",
    ),
    (
        "kafka-transaction-coordinator-4.4.0.jar",
        "1d5324d59776d6b7f324cfdc87647b1e88f9823332201c0324e7ae9f210d915d",
    ),
    (
        "kafka_2.13-4.4.0.jar",
        "76d3314f873571677ff98620ab9a431e508e3687f921a3df4f70d692a970475e",
    ),
];

const KAFKA_3_9_2: &[(&str, &str)] = &[
    (
        "kafka-clients-3.9.2.jar",
        "014b4ef36884478a932641818b080c36a8f8e2e92dc771e800c9d2694f4f83d8",
    ),
    (
        "kafka-group-coordinator-3.9.2.jar",
        "d4d57f0955895cc38381f346f5ff7eba487afafa5ba264804af18393305b32fd",
    ),
    (
        "kafka-group-coordinator-api-3.9.2.jar",
        "bd903ba506c8309401a331ef1b826612d1cb95862879551031428da5cf50eab6",
    ),
    (
        "kafka-metadata-3.9.2.jar",
        "ffe970aee12f00df4b0162f31c719df7c412f9207c166a74cef6611be25a255e",
    ),
    (
        "kafka-raft-3.9.2.jar",
        "f897533828e55ac466a5b183a25dccbe5a7b97c02162dac38e25338feddfe422",
    ),
    (
        "kafka-server-3.9.2.jar",
        "4f8667dbd664c4b0906e05499cfdc5f558f14c098b77fa6c09656cceb62a63ef",
    ),
    (
        "kafka-server-common-3.9.2.jar",
        "0374b3f13c3c4b7fd446d35df1ccb0c60931ea27d4972b4de1bb1d548a87f5b2",
    ),
    (
        "kafka-storage-3.9.2.jar",
        "8a3d7b67dfcd34b1334d4994ed4106ba9c9b37ebcbb177ac47ff44050e8ab84b",
    ),
    (
        "kafka-storage-api-3.9.2.jar",
        "565ab8540b50c7f00ea62c77a6639237ed3a80550245be70dc733f157cd280d6",
    ),
    (
        "kafka-tools-api-3.9.2.jar",
        "501ac034b93853c3dcba4b49e32c7c795de109a96b8ab6d59a9ab19e6ef11491",
    ),
    (
        "kafka-transaction-coordinator-3.9.2.jar",
        "d6ca25648111dfd11f76d3d0f7f51a9458784b645f4e56ce34fbc58d9c9d0296",
    ),
    (
        "kafka_2.13-3.9.2.jar",
        "dddf49b18c931301fece0048a76d6b0956c36c8b1d1fc721bfed318aa6ee3e4f",
    ),
];
